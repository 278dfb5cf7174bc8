import { generateKeyPairSync, sign } from "node:crypto";

/** A certificate of a key of its own, signed with that key. */
export interface SelfSigned {
  readonly cert: string;
  readonly key: string;
}

const ED25519 = tlv(0x30, tlv(0x06, Buffer.from([0x2b, 0x65, 0x70])));

/** Makes an Ed25519 certificate for a name, valid from and until a year. */
export function createCertificate(name: string, from: number, until: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const text = tlv(0x0c, Buffer.from(name));
  const attribute = tlv(0x30, tlv(0x06, Buffer.from([0x55, 0x04, 0x03])), text);
  const subject = tlv(0x30, tlv(0x31, attribute));
  const time = (year: number) => tlv(0x18, Buffer.from(`${year}0101000000Z`));
  const names = tlv(0x30, tlv(0x82, Buffer.from(name)));
  const altName = tlv(0x30, tlv(0x06, Buffer.from([0x55, 0x1d, 0x11])), tlv(0x04, names));
  const content = tlv(
    0x30,
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    ...[ED25519, subject, tlv(0x30, time(from), time(until)), subject],
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, tlv(0x30, altName)),
  );
  const signature = tlv(0x03, Buffer.from([0]), sign(null, content, privateKey));
  const base64 = tlv(0x30, content, ED25519, signature).toString("base64");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

/** DER: a tag, the length and the content. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

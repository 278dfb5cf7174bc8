import { toNodeId } from "../../protocol/node-id.ts";
import { isUsablePoint, isUsableSignature } from "../../protocol/public-key.ts";
import { AgentError } from "../agent-error.ts";

/** The agent's node key: either form the `key` option takes. */
export type AgentKey = Uint8Array | CryptoKeyPair;

/** A node key that can sign but not be read; `docs/protocol.md` §1. */
export interface NodeIdentity {
  readonly nodeId: string;
  readonly publicKey: Uint8Array;
  sign(content: Uint8Array): Promise<Uint8Array>;
}

const SEED_BYTES = 32;
/** DER before the seed of an unencrypted PKCS#8 Ed25519 key (RFC 8410). */
const PKCS8_PREFIX = [
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/**
 * Creates the identity of a seed or key pair. The private key stays inside WebCrypto, not exportable.
 * @throws AgentError `invalid_input`
 */
export async function createNodeIdentity(key: AgentKey): Promise<NodeIdentity> {
  const pair = key instanceof Uint8Array ? await importSeed(key) : await readPair(key);
  return {
    nodeId: toNodeId(pair.publicKey),
    publicKey: pair.publicKey,
    sign: async (content) =>
      new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, toBuffer(content))),
  };
}

interface ImportedPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: CryptoKey;
}

async function importSeed(seed: Uint8Array): Promise<ImportedPair> {
  if (seed.length !== SEED_BYTES) {
    throw new AgentError("invalid_input", { message: "key: expected a seed of 32 bytes." });
  }
  const pkcs8 = Uint8Array.from([...PKCS8_PREFIX, ...seed]);
  // WebCrypto derives the public key only on the way out of an extractable key.
  const readable = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", readable);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  return { publicKey: fromBase64Url(x ?? ""), privateKey };
}

async function readPair(pair: CryptoKeyPair): Promise<ImportedPair> {
  try {
    const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
    const publicKey = new Uint8Array(raw);
    if (pair.publicKey.algorithm.name !== "Ed25519") throw new Error("not Ed25519");
    return { publicKey, privateKey: pair.privateKey };
  } catch (cause) {
    throw new AgentError("invalid_input", {
      message: "key: expected a 32-byte seed or an Ed25519 CryptoKeyPair.",
      cause,
    });
  }
}

/**
 * Tells whether a node key signed the content. What engines decide differently is decided here: points
 * of small order, y of p or more, and S of L or more are false; `docs/protocol.md` §1.
 */
export async function isSignedBy(
  publicKey: Uint8Array,
  content: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (!isUsablePoint(publicKey) || !isUsableSignature(signature)) return false;
  try {
    const key = await crypto.subtle.importKey("raw", toBuffer(publicKey), "Ed25519", true, [
      "verify",
    ]);
    return await crypto.subtle.verify("Ed25519", key, toBuffer(signature), toBuffer(content));
  } catch {
    // A key that is no curve point is refused at import by some engines, at verify by others.
    return false;
  }
}

/** Copies into memory that cannot be shared, which is all WebCrypto's types accept. */
function toBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

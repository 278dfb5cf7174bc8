import { toHex } from "../../protocol/public-key.ts";
import { toMessageContent } from "../../protocol/signed-content.ts";
import type { Body } from "../../wire/body.ts";
import type { Peer } from "../link/handshake.ts";
import type { NodeIdentity } from "../link/node-identity.ts";

/** Where a message goes and, where it must convince a node behind the connected one, its signature. */
interface MessageSeal {
  readonly to: string;
  readonly public_key?: string;
  readonly sig?: string;
}

/** A message before it is addressed, unless it goes to a node of its own. */
interface UnsealedMessage {
  readonly id: string;
  readonly from: string;
  readonly to?: string;
  readonly topic?: string | undefined;
  readonly reply_to?: string | undefined;
  readonly timestamp: number;
  readonly body: Body;
}

/** Addresses a message and signs it where that is needed; `docs/protocol.md` §5. */
export type SealMessage = (
  message: UnsealedMessage,
  zoneId: string | undefined,
  peer: Peer,
) => Promise<MessageSeal>;

/** Bodies a primary takes through a replica only with the sender's signature; `docs/protocol.md` §5. */
const SEALED_TYPES: ReadonlySet<string> = new Set([
  "zone.request",
  "zone.payment",
  "zone.receipt",
  "zone.escrow",
  "zone.provide",
  "zone.result",
  "zone.create",
  "zone.update",
  "zone.ban",
  "zone.unban",
  "zone.approve",
  "zone.invite",
]);

/**
 * Creates the function that addresses messages: to the connected node, or signed to the zone's primary
 * where that is another node, or signed to the node that a direct message is for; `docs/protocol.md` §5.
 */
export function createSealer(
  identity: NodeIdentity,
  findPrimary: (zoneId: string) => string | undefined,
): SealMessage {
  return async (message, zoneId, peer) => {
    const seal = async (to: string): Promise<MessageSeal> => {
      const signature = await identity.sign(toMessageContent({ ...message, to }));
      return { to, public_key: toHex(identity.publicKey), sig: toHex(signature) };
    };
    if (message.to !== undefined) return seal(message.to);
    if (!SEALED_TYPES.has(message.body.type)) return { to: peer.nodeId };
    const primary = zoneId === undefined ? undefined : findPrimary(zoneId);
    if (primary === peer.nodeId) return { to: peer.nodeId };
    return seal(primary ?? peer.nodeId);
  };
}

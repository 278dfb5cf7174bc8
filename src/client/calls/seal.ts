import { toHex } from "../../protocol/hex.ts";
import { toMessageContent } from "../../protocol/signed-content.ts";
import type { Body } from "../../wire/body.ts";
import { isEnvelopeType, isSealedType } from "../../wire/sealed-types.ts";
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

/** Bodies a replica passes on, which the primary takes unsigned, too, but then on the replica's word. */
const PASSED_ON_TYPES: ReadonlySet<string> = new Set(["zone.message", "zone.join", "zone.leave"]);

/**
 * Creates the function that addresses messages: to the connected node; where another node is the zone's
 * primary, signed, and to that one what only it may take; direct messages signed to whom they are for;
 * `docs/protocol.md` §5, §9.10.
 */
export function createSealer(
  identity: NodeIdentity,
  zones: {
    findPrimary(zoneId: string): string | undefined;
    isReplicated(zoneId: string): boolean;
  },
): SealMessage {
  return async (message, zoneId, peer) => {
    const seal = async (to: string): Promise<MessageSeal> => {
      const signature = await identity.sign(toMessageContent({ ...message, to }));
      return { to, public_key: toHex(identity.publicKey), sig: toHex(signature) };
    };
    if (message.to !== undefined) return seal(message.to);
    const { type } = message.body;
    const primary = zoneId === undefined ? undefined : zones.findPrimary(zoneId);
    if (primary === peer.nodeId) return { to: peer.nodeId };
    if (isSealedType(type)) return seal(primary ?? peer.nodeId);
    const isPassedOn =
      PASSED_ON_TYPES.has(type) && zoneId !== undefined && zones.isReplicated(zoneId);
    if (isPassedOn || isEnvelopeType(type)) return seal(peer.nodeId);
    return { to: peer.nodeId };
  };
}

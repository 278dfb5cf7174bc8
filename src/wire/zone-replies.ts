import type { ZoneErrorBody } from "../errors.ts";
import type { JsonObject, JsonValue } from "../protocol/json.ts";
import type { LogEntry } from "../protocol/log-chain.ts";
import type { PrimaryHead } from "../protocol/primary-head.ts";

/** Bodies a steward sends; `docs/protocol.md` §6 and §8 name every field. */
interface Reply {
  readonly request_id?: string;
}

/** What a zone's member is in it. */
export type Role = "creator" | "provider" | "member";

/** The state of a zone as answers show it. */
export type ZoneState = "registered" | "active" | "stopped" | "suspended";

/** One zone of a directory. */
/** How a replica that answers stands; `docs/protocol.md` §9.10. */
export interface ReplicaStanding {
  readonly state: string;
  /** The newest released entry of its copy. */
  readonly seq: number;
  /** Since it last was level with the primary. */
  readonly stale_ms: number;
  /** Node id. */
  readonly primary: string;
}

export interface DirectoryEntry {
  readonly zone_id: string;
  readonly name: string;
  readonly type: string;
  readonly topic?: string;
  readonly description: string;
  readonly entrypoints: readonly string[];
  readonly stewards: readonly string[];
  readonly members: number;
  readonly epoch: number;
  readonly state: ZoneState;
  readonly replica?: ReplicaStanding;
}

export interface ZoneDirectory extends Reply {
  readonly type: "zone.directory";
  readonly zones: readonly DirectoryEntry[];
  readonly next_cursor?: string;
}

export interface ZoneManifestReply extends Reply {
  readonly type: "zone.manifest";
  readonly envelope: JsonObject;
  readonly members: number;
  readonly state: ZoneState;
  readonly epoch_seq?: number;
  readonly replica?: ReplicaStanding;
}

export interface ZoneJoined extends Reply {
  readonly type: "zone.joined";
  readonly zone_id: string;
  readonly name: string;
  readonly entrypoint?: string;
  readonly members: number;
  readonly epoch: number;
  readonly role: Role;
  readonly epoch_seq?: number;
  /** The zone's head when the member was admitted; history after it is new to him. */
  readonly seq: number;
  readonly envelope: JsonObject;
}

export interface ZoneLeft extends Reply {
  readonly type: "zone.left";
  readonly zone_id: string;
}

export interface ZoneSent extends Reply {
  readonly type: "zone.sent";
  readonly zone_id: string;
  readonly id: string;
  readonly seq: number;
}

/** A creator's message took effect. */
export interface ZoneDone extends Reply {
  readonly type: "zone.done";
  readonly zone_id: string;
}

/** A new invitation; the secret is nowhere else. */
export interface ZoneInvited extends Reply {
  readonly type: "zone.invited";
  readonly zone_id: string;
  readonly invite: string;
  readonly invite_id: string;
  readonly max_uses: number;
  readonly expires_at?: number;
}

/** A position of a zone's log, signed by the steward; `docs/protocol.md` §6. */
export interface SignedHead {
  readonly zone_id: string;
  readonly seq: number;
  readonly hash: string;
  /** Unix seconds. */
  readonly signed_at: number;
  readonly steward: string;
  readonly public_key: string;
  /** Hex, over `atlas-head-v1 ‖ 00 ‖ JCS({zone_id, seq, hash, signed_at})`. */
  readonly signature: string;
}

export interface ZonePage extends Reply {
  readonly type: "zone.page";
  readonly zone_id: string;
  readonly entries: readonly { readonly entry: LogEntry; readonly hash: string }[];
  readonly head_seq: number;
  readonly head?: SignedHead;
  /** The newest released head of the zone's primary; `docs/protocol.md` §9.4. */
  readonly primary_head?: PrimaryHead;
  /** The entry that tells of the newest envelope. */
  readonly epoch_seq?: number;
  readonly replica?: ReplicaStanding;
  /** Where a pruned log begins, when the page was asked for from before it. */
  readonly checkpoint?: SignedHead;
}

export interface MemberInfo {
  readonly node_id: string;
  readonly name: string;
  readonly role: Role;
  readonly skills: readonly string[];
  readonly online: boolean;
}

export interface ZoneMemberList extends Reply {
  readonly type: "zone.member_list";
  readonly members: readonly MemberInfo[];
  readonly replica?: ReplicaStanding;
  readonly next_cursor?: string;
}

/** An offer was taken; `zone.invoke` follows for each run. */
export interface ZoneProviding extends Reply {
  readonly type: "zone.providing";
  readonly zone_id: string;
  readonly actions: readonly string[];
}

/** A run sent to a provider. */
export interface ZoneInvoke {
  readonly type: "zone.invoke";
  /** The same for every repetition of one run. */
  readonly invoke_id: string;
  readonly zone_id: string;
  readonly action: string;
  readonly params: JsonObject;
  /** Node id of whoever asked. */
  readonly requester: string;
}

/** A message delivered to a member. */
export interface ZoneMessageDelivery {
  readonly type: "zone.message";
  readonly zone_id: string;
  readonly id: string;
  readonly seq: number;
  readonly from: string;
  readonly timestamp: number;
  readonly content: JsonValue;
  readonly topic?: string;
  readonly reply_to?: string;
}

/** What a `zone.event` tells of. */
export type ZoneEventName =
  | "created"
  | "joined"
  | "left"
  | "removed"
  | "banned"
  | "unbanned"
  | "updated"
  | "stopped";

export interface ZoneEventDelivery {
  readonly type: "zone.event";
  readonly zone_id: string;
  readonly seq: number;
  readonly event: ZoneEventName;
  readonly node_id: string;
  readonly timestamp: number;
  readonly [detail: string]: JsonValue;
}

/** Everything a payer must agree to; `docs/protocol.md` §8. */
export interface PaymentRequirement {
  readonly zone_id: string;
  readonly action: string;
  /** The contract the authorization pays to. */
  readonly to: string;
  readonly recipient: string;
  /** Decimal string, smallest unit. */
  readonly amount: string;
  readonly asset: string;
  readonly token: string;
  readonly chain_id: number;
  /** Unix seconds. */
  readonly deadline: number;
  readonly nonce: string;
  readonly settlement_mode: "direct" | "escrow";
  readonly terms: TermsJson;
  readonly authorization_types: readonly ("receive" | "transfer")[];
}

/** The committed terms as they travel; big numbers are decimal strings. */
export interface TermsJson {
  readonly chain_id: number;
  readonly verifying_contract: string;
  readonly token: string;
  readonly zone_key: string;
  readonly request_key: string;
  readonly recipient: string;
  readonly creator: string;
  readonly creator_fee_bps: number;
  readonly amount: string;
  readonly mode: number;
  readonly deadline: number;
  readonly salt: string;
  readonly escrow_deadline?: number;
  readonly arbiter?: string;
}

export interface PaymentRequired {
  readonly type: "zone.payment_required";
  readonly request_id: string;
  readonly payment_requirement: PaymentRequirement;
  readonly steward: string;
  /** Hex, by the primary's node key. */
  readonly signature: string;
  /** Hex; in a replicated zone, where who reads this may be at another steward; `docs/protocol.md` §9.9. */
  readonly public_key?: string;
}

/** Proof of a direct settlement; amounts are decimal strings in the smallest unit. */
export interface SettlementReceipt {
  readonly tx_hash: string;
  readonly block_number: number;
  readonly chain_id: number;
  readonly token: string;
  readonly amount: string;
  readonly protocol_fee: string;
  readonly creator_fee: string;
  readonly recipient_amount: string;
  readonly recipient: string;
  /** Unix seconds of the block. */
  readonly settled_at: number;
}

/** An escrow as it stands; amounts are decimal strings; `docs/protocol.md` §8. */
export interface EscrowState {
  readonly escrow_id: string;
  readonly task_id: string;
  /** The request it pays. */
  readonly request_id: string;
  /** The deposit's transaction. */
  readonly tx_hash?: string;
  readonly status: string;
  /** Unix seconds; a dispute moves it. */
  readonly deadline: number;
  readonly chain_id: number;
  readonly contract: string;
  readonly token: string;
  readonly amount: string;
  readonly depositor: string;
  readonly recipient: string;
  readonly arbiter?: string;
  /** What the steward is carrying to the chain now. */
  readonly pending?: string;
  readonly resolved_tx_hash?: string;
  readonly resolved_at?: number;
  readonly protocol_fee?: string;
  readonly creator_fee?: string;
  readonly recipient_amount?: string;
}

export interface ZoneEscrowState extends Reply {
  readonly type: "zone.escrow_state";
  readonly escrow: EscrowState;
}

/** Tells a request's sender that its escrow changed; no position of the zone's log. */
export interface EscrowNewsBody {
  readonly type: "zone.event";
  readonly zone_id: string;
  readonly event: "escrow";
  readonly escrow_id: string;
  readonly status: string;
  readonly timestamp: number;
  readonly escrow: EscrowState;
}

export interface ZoneResponse {
  readonly type: "zone.response";
  readonly request_id: string;
  readonly zone_id: string;
  readonly action: string;
  readonly result: JsonValue;
  readonly settlement?: SettlementReceipt;
  readonly escrow?: EscrowState;
}

/** The state a payment is in while no final answer exists. */
export interface ZonePending {
  readonly type: "zone.pending";
  readonly request_id: string;
  readonly state: string;
  readonly tx_hash?: string;
  /** Why a paid request is `undelivered`. */
  readonly reason?: string;
  readonly message?: string;
  readonly retry_after_ms: number;
}

/** Any body a steward answers or delivers. */
export type StewardBody =
  | ZoneDirectory
  | ZoneManifestReply
  | ZoneJoined
  | ZoneLeft
  | ZoneSent
  | ZonePage
  | ZoneMemberList
  | ZoneDone
  | ZoneInvited
  | ZoneProviding
  | ZoneInvoke
  | ZoneMessageDelivery
  | ZoneEventDelivery
  | PaymentRequired
  | ZoneResponse
  | ZonePending
  | ZoneEscrowState
  | EscrowNewsBody
  | ZoneErrorBody;

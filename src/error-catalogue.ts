/** What kind of failure an error is. */
export type ErrorCategory =
  | "protocol"
  | "identity"
  | "input"
  | "state"
  | "access"
  | "limit"
  | "payment"
  | "availability"
  | "internal";

/** What the receiver can do about an error; `docs/errors.md` explains each. */
export type Recovery = "retry" | "change" | "operator" | "reconcile" | "never";

/** One row of the catalogue. */
export interface ErrorRow {
  readonly name: string;
  readonly category: ErrorCategory;
  readonly recovery: Recovery;
  readonly http: number;
  readonly summary: string;
  readonly hint: string;
}

/** The nine ErrorMessage codes of the wire; `docs/protocol.md` §7. */
export const WIRE_ERRORS = {
  1001: {
    name: "protocol_version",
    category: "protocol",
    recovery: "change",
    http: 400,
    summary: "The peer speaks another protocol version.",
    hint: "Send envelope version 1 and protocol_v 1.",
  },
  1002: {
    name: "handshake_failed",
    category: "identity",
    recovery: "change",
    http: 401,
    summary: "The handshake did not prove the peer's identity.",
    hint: "Check the clock, echo the challenge, and sign with the key of your node id.",
  },
  1003: {
    name: "handshake_timeout",
    category: "availability",
    recovery: "retry",
    http: 408,
    summary: "The handshake did not finish in time.",
    hint: "Connect again and send Hello and Verify without delay.",
  },
  1004: {
    name: "invalid_identity",
    category: "identity",
    recovery: "change",
    http: 401,
    summary: "The node id and the public key do not belong together, or are malformed.",
    hint: "Derive node_id as atlas_ + hex(sha256(public key)) from a 32-byte Ed25519 key.",
  },
  2001: {
    name: "not_verified",
    category: "access",
    recovery: "change",
    http: 401,
    summary: "The message needs a verified session, or a stronger one than this.",
    hint: "Finish the handshake first; creator and provider messages need the bound form.",
  },
  2002: {
    name: "payload_too_large",
    category: "limit",
    recovery: "change",
    http: 413,
    summary: "The payload is larger than 4 MiB.",
    hint: "Send at most 4,194,304 payload bytes in one envelope.",
  },
  2003: {
    name: "message_rejected",
    category: "input",
    recovery: "change",
    http: 400,
    summary: "The message is malformed, unknown, or not allowed here.",
    hint: "Compare the message with its definition in docs/protocol.md.",
  },
  4001: {
    name: "rate_limited",
    category: "limit",
    recovery: "retry",
    http: 429,
    summary: "Too much traffic from this node or address.",
    hint: "Slow down and send the message again later, with the same id.",
  },
  5001: {
    name: "internal",
    category: "internal",
    recovery: "retry",
    http: 500,
    summary: "The steward failed unexpectedly outside a zone message.",
    hint: "Try again; if it stays, tell the operator the time and the message id.",
  },
} as const satisfies Record<number, ErrorRow>;

/** The eighteen zone.error codes; `docs/protocol.md` §7 has the order in which they are decided. */
export const ZONE_ERRORS = {
  invalid_params: {
    name: "invalid_params",
    category: "input",
    recovery: "change",
    http: 400,
    summary: "A field is missing, has the wrong type, or does not fit the action's params.",
    hint: "Correct the named field and send a new request.",
  },
  zone_not_found: {
    name: "zone_not_found",
    category: "state",
    recovery: "change",
    http: 404,
    summary: "This steward knows no such zone.",
    hint: "Look the zone up with zone.discover, or ask another steward.",
  },
  not_steward: {
    name: "not_steward",
    category: "state",
    recovery: "change",
    http: 421,
    summary: "The zone's steward_set does not name this steward.",
    hint: "Connect to an entrypoint of a steward in the zone's steward_set.",
  },
  replica_not_ready: {
    name: "replica_not_ready",
    category: "availability",
    recovery: "retry",
    http: 503,
    summary: "This replica has no complete copy of the zone yet, or has not reached min_seq.",
    hint: "Try again in a moment, or ask the primary.",
  },
  steward_unavailable: {
    name: "steward_unavailable",
    category: "availability",
    recovery: "retry",
    http: 503,
    summary: "The zone's primary steward is not reachable from this replica, or not in charge.",
    hint: "Try again, or connect to another steward of the zone.",
  },
  stopped: {
    name: "stopped",
    category: "state",
    recovery: "never",
    http: 409,
    summary: "The zone is stopped or suspended.",
    hint: "Inspect and history still answer; what was paid is still delivered.",
  },
  banned: {
    name: "banned",
    category: "access",
    recovery: "operator",
    http: 403,
    summary: "The sender is banned from this zone.",
    hint: "Ask the zone's creator or the operator to lift the ban.",
  },
  stale_manifest: {
    name: "stale_manifest",
    category: "state",
    recovery: "change",
    http: 409,
    summary: "The message or envelope is based on an older manifest than the zone's.",
    hint: "Inspect the zone, read the new manifest, and send again with its epoch.",
  },
  not_open: {
    name: "not_open",
    category: "access",
    recovery: "change",
    http: 403,
    summary: "The zone is not open and no valid invitation was given.",
    hint: "Ask the zone's creator for an invitation.",
  },
  skills_mismatch: {
    name: "skills_mismatch",
    category: "access",
    recovery: "change",
    http: 403,
    summary: "A skill the zone requires is not in the sender's Hello.",
    hint: "Connect with the skills listed in rules.skills_required.",
  },
  full: {
    name: "full",
    category: "limit",
    recovery: "retry",
    http: 409,
    summary: "The zone has reached max_members.",
    hint: "Try again when a member has left.",
  },
  not_member: {
    name: "not_member",
    category: "access",
    recovery: "change",
    http: 403,
    summary: "The sender is no member of this zone.",
    hint: "Join the zone first.",
  },
  rate_limited: {
    name: "rate_limited",
    category: "limit",
    recovery: "retry",
    http: 429,
    summary: "The member sent more to this zone than it allows.",
    hint: "Wait for retry_after_ms and send again.",
  },
  action_not_found: {
    name: "action_not_found",
    category: "state",
    recovery: "change",
    http: 404,
    summary: "The manifest has no such action.",
    hint: "Inspect the zone for the actions it offers.",
  },
  payment_required: {
    name: "payment_required",
    category: "payment",
    recovery: "change",
    http: 402,
    summary:
      "There is no payment requirement of this sender for that request, or no authorization.",
    hint: "Send zone.request first, then pay the requirement it is answered with.",
  },
  payment_invalid: {
    name: "payment_invalid",
    category: "payment",
    recovery: "change",
    http: 402,
    summary: "The authorization does not match the requirement.",
    hint: "Sign exactly the quoted amount, recipient, nonce and deadline, once.",
  },
  payment_failed: {
    name: "payment_failed",
    category: "payment",
    recovery: "change",
    http: 402,
    summary: "The payment could not be settled on chain, or the asset or chain is not supported.",
    hint: "Check balance, asset and chain; nothing was charged unless a later receipt says so.",
  },
  internal: {
    name: "internal",
    category: "internal",
    recovery: "retry",
    http: 500,
    summary: "The steward or the action's handler failed.",
    hint: "Ask again with the same request_id: what was paid is not paid again.",
  },
} as const satisfies Record<string, ErrorRow>;

/** Codes that only the admin API answers with. */
export const HTTP_ERRORS = {
  invalid_request: {
    name: "invalid_request",
    category: "input",
    recovery: "change",
    http: 400,
    summary: "The request's body, query or headers are malformed.",
    hint: "Correct the fields named in details.",
  },
  unauthorized: {
    name: "unauthorized",
    category: "access",
    recovery: "change",
    http: 401,
    summary: "The bearer token is missing or wrong.",
    hint: "Send Authorization: Bearer <token>; `steward token create` makes one, `steward token reset` on the steward's machine where all are lost.",
  },
  forbidden: {
    name: "forbidden",
    category: "access",
    recovery: "change",
    http: 403,
    summary: "The token lacks the scope for this route.",
    hint: "Use a token with the scope named in details.",
  },
  not_found: {
    name: "not_found",
    category: "state",
    recovery: "change",
    http: 404,
    summary: "There is no such thing here.",
    hint: "Check the id and the path.",
  },
  conflict: {
    name: "conflict",
    category: "state",
    recovery: "change",
    http: 409,
    summary: "The request conflicts with the present state.",
    hint: "Read the resource again and decide anew.",
  },
  precondition_failed: {
    name: "precondition_failed",
    category: "state",
    recovery: "change",
    http: 412,
    summary: "If-Match does not name the current epoch.",
    hint: "GET the resource and use its ETag.",
  },
  precondition_required: {
    name: "precondition_required",
    category: "input",
    recovery: "change",
    http: 428,
    summary: "The route needs an If-Match header.",
    hint: "GET the resource and send its ETag in If-Match.",
  },
  payload_too_large: {
    name: "payload_too_large",
    category: "limit",
    recovery: "change",
    http: 413,
    summary: "The request body is too large.",
    hint: "Send a smaller body.",
  },
  unsupported_media_type: {
    name: "unsupported_media_type",
    category: "input",
    recovery: "change",
    http: 415,
    summary: "The request body is not JSON.",
    hint: "Send Content-Type: application/json.",
  },
  SECURITY_VIOLATION: {
    name: "SECURITY_VIOLATION",
    category: "input",
    recovery: "change",
    http: 422,
    summary:
      "The content scanner takes a text for a threat; details has threat_type and confidence.",
    hint: "Say it in other words, or set the zone's scanner.mode to monitor.",
  },
  too_many_requests: {
    name: "too_many_requests",
    category: "limit",
    recovery: "retry",
    http: 429,
    summary: "Too many requests.",
    hint: "Wait as long as Retry-After says.",
  },
  not_ready: {
    name: "not_ready",
    category: "availability",
    recovery: "retry",
    http: 503,
    summary: "The steward is starting, draining, or lacks something it needs.",
    hint: "GET /readyz?verbose says what is missing.",
  },
} as const satisfies Record<string, ErrorRow>;

/** The closed list of `reason` values: what exactly went wrong, beside the code. */
export const ERROR_REASONS = {
  BOUND_REQUIRED: "The message needs a session verified in the bound form.",
  PLAIN_REFUSED: "This node id has verified bound before; the plain form is refused.",
  AUTHORITY_MISMATCH: "Hello names another authority than this steward's.",
  NOT_ALLOWED: "The sender may not do this in this zone.",
  REQUEST_ID_CONFLICT: "The request_id was used with other content.",
  MESSAGE_ID_CONFLICT: "The zone message id was used with other content.",
  NO_HANDLER: "The action has no configured handler on this steward.",
  HANDLER_FAILED: "The action's handler failed.",
  RESULT_TOO_LARGE: "The action's result is larger than one message carries.",
  RESULT_INVALID: "The action's result breaks the rules of message bodies.",
  UPSTREAM_ERROR: "The action's upstream answered with an error.",
  UPSTREAM_TIMEOUT: "The action's upstream did not answer in time.",
  UPSTREAM_UNAVAILABLE: "The action's upstream is known to be down.",
  UNDELIVERED: "The outcome of the paid run is unknown; the operator retries or refunds.",
  REFUNDED: "The payment was given back to its payer; the request is at its end.",
  STOPPING: "The steward is being stopped and begins no run of an action.",
  CHAIN_UNAVAILABLE: "No RPC of the chain answers.",
  TOKEN_REFUSES: "The token takes no payment at present: it is paused, or blocks the contract.",
  GAS_LOW:
    "The steward's gas balance is too low to settle, or the chain's fees are above its limit.",
  AMOUNT_MISMATCH: "The authorized value is not the quoted amount.",
  RECIPIENT_MISMATCH: "The authorization pays another address than quoted.",
  NONCE_MISMATCH: "The authorization's nonce is not the quoted one.",
  VALIDITY_WINDOW: "valid_after or valid_before do not fit the quote.",
  DEADLINE_PASSED: "The requirement's deadline has passed, or too little of it is left.",
  SIGNATURE_INVALID:
    "A signature does not verify: the authorization's is not by its payer, or the message's not by its sender.",
  MALFORMED_AUTHORIZATION: "A field of the authorization is missing or mistyped.",
  PAYMENT_IN_PROGRESS: "The requirement is being paid by another authorization.",
  AUTHORIZATION_USED: "The authorization was used for something else, or cancelled.",
  ESCROW_IN_USE: "The payer's escrow of this request_id was used before.",
  ESCROW_STATE: "The escrow's state, or its deadline, does not allow this.",
  AUTHORIZATION_OUTSTANDING:
    "An earlier authorization for the request could still execute on chain.",
  PARTY_CONFLICT: "One account would have two of an escrow's parts: payer, recipient, arbiter.",
  PAYER_COOLDOWN: "The payer's authorizations failed too often on chain.",
  INSUFFICIENT_BALANCE: "The payer's balance is lower than the amount.",
  SETTLEMENT_REVERTED: "The settlement reverted, or its simulation did.",
  PRICE_TOO_LOW: "The price is lower than the least this steward settles.",
  PAYEE_BLOCKED: "The token refuses to pay this account.",
  NOTHING_TO_CLAIM: "The contract keeps nothing for this account.",
  CLAIM_OWNER_ONLY: "The contract, an earlier version, lets nobody but the owner claim his share.",
  WALLET_HELD:
    "The steward's wallet waits for its operator: the chain has more of it than its books.",
  BACKUP_FAILED: "A backup could not be made.",
  UNSUPPORTED_ASSET: "The asset, network or chain is not supported by this steward.",
  CONTENT_BLOCKED: "The zone's steward scans what it is sent, and takes this for a threat.",
  FORK: "Another envelope with the same epoch is known.",
  BANNED: "The node id is banned for a while.",
  OVERLOADED: "A limit of the steward itself is reached.",
  ZONE_LOG_FULL: "The zone's log, or all logs of the steward, have reached their bound.",
  ADDRESS_LIMIT: "A limit on what one address may do is reached, by whoever shares it.",
  NO_PRIMARY: "This replica has no open link to the zone's primary.",
  FORWARD_LOST: "The message went to the primary, and the link broke or brought no answer in time.",
  NO_LEASE: "Too few of the zone's voters answer the primary at present.",
  RECOVERING: "The new primary is still taking over from the stewards before it.",
  STATE_LOST: "The primary lost commits that others hold; it waits for a new epoch.",
  HALTED: "The steward found evidence against the zone's copy and stopped serving its writes.",
  NOT_PRIMARY: "The newest envelope names another primary.",
  BEHIND: "The replica has not reached the position that was asked for.",
  DEPOSED: "A newer envelope named another primary while the answer waited for acknowledgements.",
  REPLICATION_TIMEOUT: "Committed by the primary, and not acknowledged by the voters in time.",
  SIGNATURE_REQUIRED: "A message of this type goes through a replica only signed by its sender.",
} as const satisfies Record<string, string>;

/** The effect is unknown: repeating it under the same id cannot have it twice. */
const RECONCILE_HINT =
  "Repeat it with the same request_id or zmsg_ id, or ask zone.receipt: it may have taken effect.";

/** What to do where a reason says more about it than the code does; wins over the code's row. */
export const REASON_ADVICE: Readonly<
  Partial<
    Record<keyof typeof ERROR_REASONS, { readonly hint: string; readonly recovery?: Recovery }>
  >
> = {
  BOUND_REQUIRED: { hint: "List bound_verify in Hello's capabilities and sign the bound form." },
  PLAIN_REFUSED: { hint: "Sign the bound form, as this node id did before." },
  AUTHORITY_MISMATCH: { hint: "Put the host:port you dialled into Hello's authority." },
  NOT_ALLOWED: { hint: "Ask the zone's creator or the operator.", recovery: "operator" },
  REQUEST_ID_CONFLICT: { hint: "Use a new request_id for a new request." },
  MESSAGE_ID_CONFLICT: { hint: "Use a new zmsg_ id for a new message." },
  NO_HANDLER: { hint: "Ask the steward's operator to configure the action.", recovery: "operator" },
  RESULT_TOO_LARGE: {
    hint: "Ask the operator to have the action answer with less, or to refund what was paid.",
    recovery: "operator",
  },
  RESULT_INVALID: {
    hint: "Ask the operator to repair the action's answer, or to refund what was paid.",
    recovery: "operator",
  },
  UPSTREAM_UNAVAILABLE: { hint: "Ask again after retry_after_ms; nothing was charged." },
  UNDELIVERED: {
    hint: "Ask zone.receipt later; the operator retries or refunds the request.",
    recovery: "reconcile",
  },
  REFUNDED: { hint: "Send a new request under a new request_id.", recovery: "change" },
  STOPPING: { hint: "Ask again with the same request_id once it is back; nothing was run." },
  CHAIN_UNAVAILABLE: { hint: "Ask again later with the same request_id; nothing was charged." },
  TOKEN_REFUSES: {
    hint: "Ask again later with the same request_id; nothing was charged. The token's operator decides.",
  },
  GAS_LOW: { hint: "Ask again later, or tell the operator to fund the steward's wallet." },
  DEADLINE_PASSED: { hint: "Send zone.request again for a fresh requirement." },
  SIGNATURE_INVALID: {
    hint: 'Sign with the key of the account that pays; what is signed as ReceiveWithAuthorization has type: "receive" in the authorization.',
  },
  PAYMENT_IN_PROGRESS: {
    hint: "Send the authorization that was accepted first again, or ask zone.receipt.",
    recovery: "reconcile",
  },
  AUTHORIZATION_USED: { hint: "Send zone.request, then sign the requirement it is answered with." },
  ESCROW_IN_USE: { hint: "Use a new request_id, or pay from another account." },
  ESCROW_STATE: { hint: "Ask zone.escrow with op show for its status and deadline." },
  AUTHORIZATION_OUTSTANDING: {
    hint: "Send the earlier authorization again, or wait for retry_after_ms until it is void.",
    recovery: "retry",
  },
  PARTY_CONFLICT: {
    hint: "Pay from an account that is neither the escrow's arbiter nor its recipient.",
  },
  PRICE_TOO_LOW: {
    hint: "Ask the zone's creator for a higher price; the operator sets payments.amount_min.",
  },
  PAYER_COOLDOWN: {
    hint: "Wait for retry_after_ms, or pay from another account.",
    recovery: "retry",
  },
  INSUFFICIENT_BALANCE: {
    hint: "Fund the payer and send the same authorization again before its deadline.",
  },
  PAYEE_BLOCKED: {
    hint: "Nothing was sent. Ask again once the token's operator lets the account receive.",
    recovery: "operator",
  },
  NOTHING_TO_CLAIM: {
    hint: "Look at steward settlement claims; perhaps its owner has claimed it.",
  },
  CLAIM_OWNER_ONLY: { hint: "Have its owner call claim() of the contract with his own key." },
  WALLET_HELD: {
    hint: "Ask again later with the same request_id; nothing was charged. Its operator decides.",
    recovery: "operator",
  },
  BACKUP_FAILED: {
    hint: "Read why; make room or let the steward write to backup.dir, and ask again.",
    recovery: "operator",
  },
  UNSUPPORTED_ASSET: {
    hint: "Ask the zone's creator to price the action in what the steward takes.",
  },
  CONTENT_BLOCKED: {
    hint: "Nothing was taken or charged. Say it in other words; the operator decides what is scanned, and how strictly.",
  },
  FORK: {
    hint: "Inspect the zone and build on its current envelope; the fork is kept as evidence.",
  },
  BANNED: { hint: "Wait for retry_after_ms, then send less than the limits allow." },
  ZONE_LOG_FULL: {
    hint: "Ask the operator to configure retention for the zone or to raise the bound.",
    recovery: "operator",
  },
  ADDRESS_LIMIT: { hint: "Wait for retry_after_ms; the operator may raise the limit." },
  OVERLOADED: { hint: "Wait for retry_after_ms or a minute, then try again." },
  FORWARD_LOST: { hint: RECONCILE_HINT, recovery: "reconcile" },
  NO_LEASE: { hint: "Try again; the zone's creator may name another primary." },
  RECOVERING: { hint: "Try again; the operator sees for whom it waits." },
  STATE_LOST: { hint: "Try again once the zone's creator has signed a new epoch." },
  HALTED: { hint: "Try again once its operator or the zone's creator has decided." },
  NOT_PRIMARY: { hint: "Connect to the primary that the newest envelope names." },
  BEHIND: { hint: "Try again in a moment, or ask another steward of the zone." },
  DEPOSED: { hint: RECONCILE_HINT, recovery: "reconcile" },
  REPLICATION_TIMEOUT: { hint: RECONCILE_HINT, recovery: "reconcile" },
  SIGNATURE_REQUIRED: {
    hint: "Inspect the zone, address the message to its primary, and sign it (public_key, sig).",
  },
};

/** What kind of failure each reason is; wins over the code's row. */
export const REASON_CATEGORIES: Readonly<Record<keyof typeof ERROR_REASONS, ErrorCategory>> = {
  PLAIN_REFUSED: "identity",
  AUTHORITY_MISMATCH: "identity",
  SIGNATURE_REQUIRED: "identity",
  BOUND_REQUIRED: "access",
  NOT_ALLOWED: "access",
  BANNED: "access",
  CONTENT_BLOCKED: "input",
  MALFORMED_AUTHORIZATION: "input",
  REQUEST_ID_CONFLICT: "state",
  MESSAGE_ID_CONFLICT: "state",
  FORK: "state",
  ESCROW_STATE: "state",
  NOT_PRIMARY: "state",
  STATE_LOST: "state",
  HALTED: "state",
  OVERLOADED: "limit",
  ZONE_LOG_FULL: "limit",
  ADDRESS_LIMIT: "limit",
  RESULT_TOO_LARGE: "limit",
  PAYER_COOLDOWN: "limit",
  AMOUNT_MISMATCH: "payment",
  RECIPIENT_MISMATCH: "payment",
  NONCE_MISMATCH: "payment",
  VALIDITY_WINDOW: "payment",
  DEADLINE_PASSED: "payment",
  SIGNATURE_INVALID: "payment",
  PAYMENT_IN_PROGRESS: "payment",
  AUTHORIZATION_USED: "payment",
  ESCROW_IN_USE: "payment",
  AUTHORIZATION_OUTSTANDING: "payment",
  PARTY_CONFLICT: "payment",
  INSUFFICIENT_BALANCE: "payment",
  SETTLEMENT_REVERTED: "payment",
  PRICE_TOO_LOW: "payment",
  PAYEE_BLOCKED: "payment",
  NOTHING_TO_CLAIM: "payment",
  CLAIM_OWNER_ONLY: "payment",
  UNSUPPORTED_ASSET: "payment",
  TOKEN_REFUSES: "payment",
  REFUNDED: "payment",
  UPSTREAM_ERROR: "availability",
  UPSTREAM_TIMEOUT: "availability",
  UPSTREAM_UNAVAILABLE: "availability",
  UNDELIVERED: "availability",
  STOPPING: "availability",
  CHAIN_UNAVAILABLE: "availability",
  GAS_LOW: "availability",
  WALLET_HELD: "availability",
  NO_PRIMARY: "availability",
  FORWARD_LOST: "availability",
  NO_LEASE: "availability",
  RECOVERING: "availability",
  BEHIND: "availability",
  DEPOSED: "availability",
  REPLICATION_TIMEOUT: "availability",
  NO_HANDLER: "internal",
  HANDLER_FAILED: "internal",
  RESULT_INVALID: "internal",
  BACKUP_FAILED: "internal",
};

export type WireErrorCode = keyof typeof WIRE_ERRORS;
export type ZoneErrorCode = keyof typeof ZONE_ERRORS;
export type HttpErrorCode = keyof typeof HTTP_ERRORS;
export type ErrorCode = WireErrorCode | ZoneErrorCode | HttpErrorCode;
export type ErrorReason = keyof typeof ERROR_REASONS;

import type { ErrorReason } from "../src/error-catalogue.ts";

/** What happened — what to do, for each reader of a reason. */
interface ReasonGuide {
  /** For the developer of the agent. */
  readonly agent: string;
  /** For the steward's operator. */
  readonly operator: string;
}

const NOTHING = "nothing here is wrong — leave it, unless many agents get it";
const PAYER = "the payer's own affair — leave it, unless many payers get it";

/** By reason; `docs/errors.md`. */
export const REASON_GUIDES: Record<ErrorReason, ReasonGuide> = {
  BOUND_REQUIRED: {
    agent: "the session proves too little — list bound_verify in Hello and sign the bound form",
    operator: NOTHING,
  },
  PLAIN_REFUSED: {
    agent: "this key has signed the bound form before — sign it again",
    operator: "an old client, or somebody in between — ask its owner which",
  },
  AUTHORITY_MISMATCH: {
    agent: "Hello names another address than was dialled — put the host and port there",
    operator: "if all agents get it, `http.public_url` is not what they dial — correct it",
  },
  NOT_ALLOWED: {
    agent: "your role does not allow it — ask the zone's creator or the operator",
    operator: "somebody asked for more than he may — grant it, or leave it",
  },
  REQUEST_ID_CONFLICT: {
    agent: "one id was used for two requests — make a new one for each",
    operator: NOTHING,
  },
  MESSAGE_ID_CONFLICT: {
    agent: "one id was used for two messages — make a new one for each",
    operator: NOTHING,
  },
  NO_HANDLER: {
    agent: "the steward has nothing that runs the action — tell its operator",
    operator: "the manifest offers an action without a handler — add it to `handlers` and reload",
  },
  HANDLER_FAILED: {
    agent: "the action's program failed — ask again with the same request_id",
    operator: "the handler threw — the log has its error under the request's id",
  },
  RESULT_TOO_LARGE: {
    agent: "the answer does not fit into a message — tell the operator, who may refund",
    operator: "the handler answers with too much — have it answer with a reference",
  },
  RESULT_INVALID: {
    agent: "the answer is nothing a message carries — tell the operator, who may refund",
    operator: "the handler's answer breaks the rules of bodies — docs/handlers says which they are",
  },
  UPSTREAM_ERROR: {
    agent: "the action's server refused or failed — ask again later",
    operator: "the server answered with an error — look at its log under the Idempotency-Key",
  },
  UPSTREAM_TIMEOUT: {
    agent: "the action's server did not answer in time — ask zone.receipt, then again",
    operator: "the server is too slow for the handler's time limit — look at both",
  },
  UPSTREAM_UNAVAILABLE: {
    agent: "the action's server is not reached, nothing ran — ask again after retry_after_ms",
    operator: "URL, name, certificate or process is at fault — `steward doctor` and /v1/breakers",
  },
  UNDELIVERED: {
    agent: "it is paid and unknown whether it ran — ask zone.receipt, do not pay again",
    operator:
      "a paid run ended without an outcome — retry or refund it (`steward settlement list`)",
  },
  REFUNDED: {
    agent: "the money went back — send a new request under a new id",
    operator: "the request is at its end — nothing is left to do",
  },
  STOPPING: {
    agent: "the steward is being stopped, nothing ran — ask again once it is back",
    operator: "it drains — start it again when it has ended",
  },
  CHAIN_UNAVAILABLE: {
    agent: "the steward reaches no node of the chain, nothing was charged — ask again later",
    operator: "no RPC URL answers — `steward chain check`, and add URLs of another provider",
  },
  TOKEN_REFUSES: {
    agent: "the token is paused or blocks the contract — ask again later",
    operator: "the token's issuer decides — wait, and see what he says",
  },
  GAS_LOW: {
    agent: "the steward cannot pay for the settlement, nothing was charged — ask again later",
    operator:
      "the wallet has too little gas, or fees are above fee_max_wei — fund it or raise that",
  },
  AMOUNT_MISMATCH: {
    agent: "another amount was signed than quoted — sign the quote as it is",
    operator: PAYER,
  },
  RECIPIENT_MISMATCH: {
    agent: "another recipient was signed than quoted — sign the quote as it is",
    operator: PAYER,
  },
  NONCE_MISMATCH: {
    agent: "another nonce was signed than quoted — sign the quote as it is",
    operator: PAYER,
  },
  VALIDITY_WINDOW: {
    agent: "the authorization is not valid long enough — take the quote's deadline",
    operator: PAYER,
  },
  DEADLINE_PASSED: {
    agent: "the quote is over — send zone.request again for a new one",
    operator: "if all payers get it, the clock or `payments` deadlines are wrong — look at both",
  },
  SIGNATURE_INVALID: {
    agent: "the signature is not the payer's, or not the sender's — sign with that key",
    operator: "if all payers get it, the token's domain is wrong — `steward chain check`",
  },
  MALFORMED_AUTHORIZATION: {
    agent: "a field of the authorization is missing or mistyped — compare with the protocol's §8",
    operator: PAYER,
  },
  PAYMENT_IN_PROGRESS: {
    agent: "another authorization pays this already — wait for its receipt",
    operator: PAYER,
  },
  AUTHORIZATION_USED: {
    agent: "the authorization was used or cancelled — sign a new quote",
    operator: PAYER,
  },
  ESCROW_IN_USE: {
    agent: "the escrow of this request exists — use a new request_id",
    operator: PAYER,
  },
  ESCROW_STATE: {
    agent: "the escrow is past this step — ask zone.escrow for where it is",
    operator: "the escrow is past this step — `steward escrow list` shows where it is",
  },
  AUTHORIZATION_OUTSTANDING: {
    agent: "an earlier authorization could still execute — send that one, or wait until it is void",
    operator: PAYER,
  },
  PARTY_CONFLICT: {
    agent: "one account would be two parties of the escrow — pay from another",
    operator: "if all payers get it, arbiter and recipient are one account — give them two",
  },
  PAYER_COOLDOWN: {
    agent: "your authorizations failed too often — wait for retry_after_ms",
    operator: "the payer cost you gas for nothing — leave the pause as it is",
  },
  INSUFFICIENT_BALANCE: {
    agent: "the payer has too little — fund it and send the same authorization again",
    operator: PAYER,
  },
  SETTLEMENT_REVERTED: {
    agent: "the chain did not execute it, nothing was charged — look at balance and token",
    operator: "a settlement reverted — `steward settlement list` has its history",
  },
  PRICE_TOO_LOW: {
    agent: "the price is below what the steward settles — ask the zone's creator",
    operator: "the price is below `payments.amount_min` — leave it, or lower that",
  },
  PAYEE_BLOCKED: {
    agent: "the token does not let the recipient receive — ask the operator",
    operator: "the token blocks the account — its issuer decides; the share stays claimable",
  },
  NOTHING_TO_CLAIM: {
    agent: "the contract keeps nothing for the account — leave it",
    operator: "it was claimed, or there never was anything — `steward settlement claims`",
  },
  CLAIM_OWNER_ONLY: {
    agent: "only the share's owner may claim it — have him do it",
    operator: "an earlier contract lets nobody else — have its owner call claim()",
  },
  WALLET_HELD: {
    agent: "the steward sends nothing at present, nothing was charged — ask again later",
    operator: "somebody else used the wallet's key — find out who before you let it go on",
  },
  BACKUP_FAILED: {
    agent: "an operator's affair — leave it",
    operator: "the backup is not there — the message and the log say why; repair that and repeat",
  },
  UNSUPPORTED_ASSET: {
    agent: "the steward does not take this asset or chain — choose another action",
    operator:
      "a manifest prices in what `chains` does not have — add the chain, or tell its creator",
  },
  CONTENT_BLOCKED: {
    agent: "the text was taken for a threat, nothing was charged — say it in other words",
    operator: "the scanner blocked it — if wrongly, `scanner.threshold` or mode monitor",
  },
  FORK: {
    agent: "two envelopes have one epoch — build on the one that the zone has",
    operator: "a creator signed two envelopes of one epoch — the fork is kept as evidence",
  },
  BANNED: {
    agent: "too many failures or too much traffic — wait for retry_after_ms",
    operator: "an agent is kept out for a while — GET /v1/peers shows it",
  },
  OVERLOADED: {
    agent: "the steward is full — wait a minute and try again",
    operator: "a limit of the steward is reached — the metrics say which; raise it or add room",
  },
  ZONE_LOG_FULL: {
    agent: "the zone takes nothing any more — ask its operator for room",
    operator: "a log is at its bound — configure `zones.retention`, or raise the bound",
  },
  ADDRESS_LIMIT: {
    agent: "your address did too much, perhaps with others behind it — wait for retry_after_ms",
    operator: "many behind one address — raise the limit, or name a proxy in trusted_proxies",
  },
  NO_PRIMARY: {
    agent: "this replica does not reach the primary — try again, or another steward",
    operator: "the link to the primary is down — `steward replica list` says since when",
  },
  FORWARD_LOST: {
    agent: "it is unknown whether it had its effect — repeat it with the same id",
    operator: "a link broke while a message was on its way — nothing is to be done",
  },
  NO_LEASE: {
    agent: "too few stewards of the zone answer the primary — try again",
    operator: "voters are not reached — look at them, or have the creator name others",
  },
  RECOVERING: {
    agent: "the new primary is still taking over — try again in a moment",
    operator: "it waits for stewards before it — `steward replica list` says for whom",
  },
  STATE_LOST: {
    agent: "the primary lost what others hold — try again once there is a new epoch",
    operator: "its database is older than what it acknowledged — have the creator sign an epoch",
  },
  HALTED: {
    agent: "the steward found evidence against this copy — use another one of the zone",
    operator: "evidence was found — `steward replica evidence`, then decide whom to believe",
  },
  NOT_PRIMARY: {
    agent: "another steward is the primary now — connect to that one",
    operator: NOTHING,
  },
  BEHIND: {
    agent: "the replica is not there yet — try again in a moment",
    operator: "if it stays, the copy does not follow — `steward replica list`",
  },
  DEPOSED: {
    agent: "it is unknown whether it had its effect — repeat it with the same id",
    operator: "a newer envelope named another primary — nothing is to be done",
  },
  REPLICATION_TIMEOUT: {
    agent: "it is unknown whether it had its effect — repeat it with the same id",
    operator: "voters acknowledge too slowly — look at them and at the network between",
  },
  SIGNATURE_REQUIRED: {
    agent: "through a replica this goes only signed — address it to the primary and sign it",
    operator: NOTHING,
  },
};

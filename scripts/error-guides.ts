import type { WIRE_ERRORS, ZONE_ERRORS } from "../src/error-catalogue.ts";

/** What people look up about a code, beside what the catalogue has of it. */
export interface ErrorGuide {
  /** What it usually comes from. */
  readonly causes: string;
  /** For the developer of the agent: what happened, and what to do. */
  readonly agent: string;
  /** For the steward's operator: what happened, and what to do. */
  readonly operator: string;
}

const NOTHING = "nothing here is wrong — leave it, unless many agents get it";

/** By wire code; `docs/errors.md`. */
export const WIRE_GUIDES: Record<keyof typeof WIRE_ERRORS, ErrorGuide> = {
  1001: {
    causes: "Another envelope version byte, or a `protocol_v` other than 1, as of a newer client.",
    agent: "the steward speaks version 1 only — send it, or use a client that does",
    operator: NOTHING,
  },
  1002: {
    causes:
      "A clock that is off by more than `wire.max_clock_drift_secs`; a signature over the wrong bytes; a challenge of another connection; an authority that is not this steward's.",
    agent:
      "the steward could not tell that you hold your key — look at VerifyAck's reason, the clock and what is signed",
    operator:
      "if all agents get it, clock or `http.public_url` are wrong — `steward doctor` looks at both",
  },
  1003: {
    causes:
      "Hello or Verify did not come within 10 s: a slow network, a client that waits for something else, a port scan.",
    agent: "the handshake was not finished in time — connect again and answer HelloAck at once",
    operator:
      "if it happens often, the process is short of CPU — see the event loop's delay in the metrics",
  },
  1004: {
    causes:
      "A node id of another key, upper-case hex, a public key that is not 32 bytes or is of small order.",
    agent: "your node id is not made of your key — derive it as the protocol's §1 says",
    operator: NOTHING,
  },
  2001: {
    causes:
      "A message before VerifyAck; a creator's or provider's message over a plain session; unsigned through a replica.",
    agent:
      "what you asked for needs more proof of who you are — finish the handshake in the bound form, or sign the message",
    operator: NOTHING,
  },
  2002: {
    causes: "An envelope whose header announces more than 4 MiB.",
    agent: "the message is too large — split it, or send a reference",
    operator: "the bound is the protocol's — it cannot be raised",
  },
  2003: {
    causes:
      "A missing field, MessagePack that ends early, an unknown `type`, a body past the structure limits, an act that is not the sender's to do, content that was blocked.",
    agent:
      "the message was not taken and had no effect — the text says which rule it broke; correct it and send a new one",
    operator:
      "an agent sends what it may not — reason `NOT_ALLOWED` may need an approval, `CONTENT_BLOCKED` another `scanner` mode",
  },
  4001: {
    causes:
      "More messages or bytes than the tier allows, a ban after three violations, too many sockets or handshakes from one address.",
    agent: "you sent too much — wait for retry_after_ms, then send more slowly",
    operator:
      "a limit holds — if the agent is welcome, raise `limits` or look at `steward ban wire-list`",
  },
  5001: {
    causes: "A defect of the steward, a full disk, a database that failed.",
    agent:
      "the steward failed — try again, then tell its operator when it was and the message's id",
    operator:
      "look for an error in the log at that time — `steward doctor` checks disk and database",
  },
};

/** By zone code; `docs/errors.md`. */
export const ZONE_GUIDES: Record<keyof typeof ZONE_ERRORS, ErrorGuide> = {
  invalid_params: {
    causes:
      "A field of the wrong type, params that the action's schema does not take, an id used again for something else.",
    agent:
      "the message's fields do not fit — the text names the field; correct it under a new request_id",
    operator:
      "if every call of an action gets it, its `params` schema may be stricter than its handler — compare them",
  },
  zone_not_found: {
    causes: "A mistyped id, a zone of another steward, a zone that was deleted.",
    agent:
      "this steward has no such zone — discover it, or connect to a steward its envelope names",
    operator:
      "somebody looks for a zone that is not here — `steward zone list` shows those that are",
  },
  not_steward: {
    causes: "The creator named other stewards since; an old entrypoint.",
    agent: "the zone has moved — inspect it and connect to a steward of its set",
    operator: "the zone's creator took this steward out — nothing to do, or ask him",
  },
  replica_not_ready: {
    causes: "A new replica that still copies, or one that is behind what the agent has seen.",
    agent: "the replica is not that far yet — try again in a moment, or at the primary",
    operator:
      "the copy is under way — `steward replica show` says how far; if it stands still, look at the link",
  },
  steward_unavailable: {
    causes: "The primary is down or cut off; too few voters answer it; a takeover is under way.",
    agent:
      "the zone's primary cannot be reached — try again, the SDK moves to another steward by itself",
    operator:
      "the zone is without its primary — `steward replica list`; its creator can name another one",
  },
  stopped: {
    causes: "The creator stopped the zone for good, or the operator suspended it.",
    agent: "the zone takes nothing more — only reading and what was paid go on",
    operator: "the zone is stopped or suspended — `steward zone resume` ends a suspension",
  },
  banned: {
    causes: "A ban by the creator or the operator.",
    agent: "you are banned from this zone — ask its creator",
    operator: "a ban holds — `steward ban remove` lifts it",
  },
  stale_manifest: {
    causes: "The zone was updated since the agent read it; two updates at once.",
    agent:
      "you rely on an older epoch — inspect the zone, look at the changes, and send it with the new epoch",
    operator: "the zone changed meanwhile — read it again before you change it",
  },
  not_open: {
    causes:
      "`rules.open` is false, and the invitation is missing, used up, expired or for somebody else.",
    agent: "the zone is by invitation — ask its creator for one",
    operator: "an agent has no invitation — `steward invite create` makes one",
  },
  skills_mismatch: {
    causes: "A skill of `rules.skills_required` is not in Hello's `skills`.",
    agent: "the zone asks for skills you did not name — connect with them, if you have them",
    operator: NOTHING,
  },
  full: {
    causes: "`max_members` is reached, or a bound of the steward on memberships.",
    agent: "there is no place left — try again later",
    operator:
      "the zone is full — raise max_members in its manifest, or `zones.members_max` for reason OVERLOADED",
  },
  not_member: {
    causes: "Never joined, left, removed; another key than the one that joined.",
    agent: "you are no member — join first, with the same key as later",
    operator: NOTHING,
  },
  rate_limited: {
    causes:
      "More than 50 messages a minute in one zone; a log that has no room; too many unpaid requests.",
    agent: "the zone's limit is reached — wait for retry_after_ms",
    operator: "a limit holds — `limits.zone`, or retention where the reason is ZONE_LOG_FULL",
  },
  action_not_found: {
    causes: "A mistyped name, or an action that the newest manifest no longer has.",
    agent: "the zone has no such action — inspect it for those it has",
    operator: NOTHING,
  },
  payment_required: {
    causes:
      "A zone.payment without authorization, for a request that was never quoted, or by another node.",
    agent: "there is nothing of yours to pay here — send zone.request and pay what it answers",
    operator: NOTHING,
  },
  payment_invalid: {
    causes:
      "Another amount, nonce or recipient than quoted; a deadline that has passed; a signature by another account; an authorization used before.",
    agent:
      "the authorization is not what was quoted — the reason says in what; sign the quote as it is",
    operator: "if all agents get it, the token's domain may be wrong — `steward chain check`",
  },
  payment_failed: {
    causes:
      "A balance that is too low, a token that is paused or blocks an account, an asset or chain the steward does not take.",
    agent: "nothing was settled — fund the payer, or choose an action in an asset you have",
    operator: "the chain refused a settlement — `steward settlement list` has its history",
  },
  internal: {
    causes:
      "No handler for the action, an upstream that is down or answers nonsense, no chain, a defect.",
    agent:
      "the steward or the action failed — ask again with the same request_id, what was paid is not paid again",
    operator: "the reason says which part failed — without one, the log has the error",
  },
};

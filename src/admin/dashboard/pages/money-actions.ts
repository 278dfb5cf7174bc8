import type { Action, Filled } from "../frame/action.ts";
import { orName, quote, toCommand, toNames } from "../frame/shell-text.ts";

const REASON_MAX = 256;
const HASH_MAX = 66;
const HASHES_MAX = 100;
const SIGNATURE_MAX = 8192;

const REFUND: Action = {
  operation: "refundPayment",
  label: "Give it back",
  done: "The refund is under way",
  fields: [
    { name: "reason", label: "Reason", max: REASON_MAX, hint: "Kept with the refund." },
    {
      name: "take_over",
      label: "Another steward began it, and I know that it did not pay",
      type: "checkbox",
      hint: "Only then: else the payer may be paid twice.",
    },
    {
      name: "paid_by",
      label: "Hash of the transaction that paid it already",
      max: HASH_MAX,
      hint: "Where the refusal named some, and one is this refund: it is noted, and nothing is sent.",
    },
    {
      name: "not_paid_by",
      label: "Hashes of those that paid as much for something else",
      max: HASHES_MAX * (HASH_MAX + 1),
      hint: "Where the refusal named some, and none is this refund.",
    },
  ],
  confirm:
    "The whole amount goes from this steward's wallet to the payer. It cannot be taken back.",
  toBody: ({ reason, take_over, paid_by, not_paid_by }) => ({
    ...(reason !== undefined && { reason }),
    ...(take_over === "yes" && { take_over: true }),
    ...(paid_by !== undefined && { paid_by }),
    ...(not_paid_by !== undefined && { not_paid_by: toNames(not_paid_by) }),
  }),
  toCommand: ({ payment_id }, { reason, take_over, paid_by, not_paid_by }) =>
    toCommand(
      ...["settlement", "refund", payment_id],
      ...(reason === undefined ? [] : ["--reason", reason]),
      ...(take_over === "yes" ? ["--take-over"] : []),
      ...(paid_by === undefined ? [] : ["--paid-by", paid_by]),
      ...(not_paid_by === undefined ? [] : ["--not-paid-by", ...toNames(not_paid_by)]),
    ),
};

const LOST: Action = {
  operation: "declareRefundLost",
  label: "Give the refund up",
  done: "The refund is given up, and may be asked for again",
  fields: [
    {
      name: "reason",
      label: "How you know that it was never paid",
      max: REASON_MAX,
      isRequired: true,
      hint: "Kept in the payment's history.",
    },
  ],
  confirm:
    "This is your word that no node ever executes it. If one does, and you refund again, the payer has it twice.",
  toBody: ({ reason = "" }) => ({ reason }),
  toCommand: ({ payment_id }, { reason }) =>
    `steward settlement declare-lost ${orName(payment_id, "payment-id")} --reason ${orName(reason, "text")}`,
};

const RETRY: Action = {
  operation: "retryPayment",
  label: "Run the action again",
  done: "The action runs again",
  confirm:
    "The payer is not charged again. Where the outcome of the run before is not known, what it did may be done twice.",
  toCommand: ({ payment_id }) => toCommand("settlement", "retry", payment_id),
};

const SIGNATURE = {
  name: "signature",
  label: "The depositor's signature",
  max: SIGNATURE_MAX,
  hint: "EIP-712, in hex: the wallet only carries it. Empty: the wallet acts for itself, as a party or the arbiter.",
} as const;

const toSigned = ({ signature }: Filled) => (signature === undefined ? {} : { signature });

const RELEASE: Action = {
  operation: "releaseEscrow",
  label: "Pay it out",
  done: "The escrow is paid out, or its transaction is under way",
  fields: [SIGNATURE],
  confirm: "The amount goes to the recipient, less the fees. It cannot be taken back.",
  toBody: toSigned,
  toCommand: ({ escrow_id }, { signature }) =>
    toCommand(
      ...["escrow", "release", escrow_id],
      ...(signature === undefined ? [] : ["--signature", signature]),
    ),
};

const REFUND_ESCROW: Action = {
  operation: "refundEscrow",
  label: "Give it back",
  done: "The escrow goes back, or its transaction is under way",
  confirm: "The amount goes back to the depositor. It cannot be taken back.",
  toBody: () => ({}),
  toCommand: ({ escrow_id }) => toCommand("escrow", "refund", escrow_id),
};

const DISPUTE: Action = {
  operation: "disputeEscrow",
  label: "Dispute it",
  done: "The escrow is disputed, or its transaction is under way",
  fields: [SIGNATURE],
  confirm: "From then on its arbiter alone decides, and its deadline moves.",
  toBody: toSigned,
  toCommand: ({ escrow_id }, { signature }) =>
    toCommand(
      ...["escrow", "dispute", escrow_id],
      ...(signature === undefined ? [] : ["--signature", signature]),
    ),
};

const CLAIM: Action = {
  operation: "claimShares",
  label: "Have it paid",
  done: "The claim is under way",
  fields: [
    { name: "chain_id", label: "Chain id", type: "number", isRequired: true },
    { name: "token", label: "Token", isRequired: true, hint: "The token's address." },
    { name: "payee", label: "Owner", hint: "Empty: this steward's wallet." },
  ],
  confirm: "The wallet pays the gas; what the contract keeps goes to its owner.",
  toBody: ({ chain_id, token, payee }) => ({
    chain_id: Number(chain_id),
    token,
    ...(payee !== undefined && { payee }),
  }),
  toCommand: (_params, { chain_id, token, payee }) =>
    [
      `steward settlement claim --chain-id ${orName(chain_id, "n")} --usdc ${orName(token, "address")}`,
      ...(payee === undefined ? [] : [`--payee ${quote(payee)}`]),
    ].join(" "),
};

const RELEASE_WALLET: Action = {
  operation: "releaseWallet",
  label: "Let it send again",
  done: "The wallet sends again",
  fields: [
    { name: "chain_id", label: "Chain id", type: "number", isRequired: true },
    { name: "nonce", label: "Transactions that the chain has", type: "number", isRequired: true },
  ],
  confirm:
    "This is your word that no other steward has this wallet. Refunds that were asked for and not sent are given up: they may have been paid.",
  toBody: ({ chain_id, nonce }) => ({ chain_id: Number(chain_id), nonce: Number(nonce) }),
  toCommand: (_params, { chain_id, nonce }) =>
    `steward settlement release-wallet ${orName(chain_id, "chain-id")} --nonce ${orName(nonce, "n")}`,
};

/** What the pages of money offer to do. */
export const MONEY_ACTIONS: readonly Action[] = [
  ...[REFUND, LOST, RETRY, RELEASE, REFUND_ESCROW, DISPUTE, CLAIM, RELEASE_WALLET],
];

/**
 * What a column of a record holds: a text, an integer, a boolean, a boolean that is left out where it is
 * false. With a question mark it may be absent, which is null in the table.
 */
export type ColumnType = "text" | "text?" | "int" | "int?" | "bool" | "bool?" | "flag";

/** The columns of a table that stand in a record, by name. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** Of `members`; `docs/protocol.md` §9.4, as all of these. */
export const MEMBER_COLUMNS = {
  name: "text",
  role: "text",
  skills: "text",
  joined_at: "int",
  signs: "flag",
} as const satisfies Columns;

/** Of `zone_bans`. */
export const BAN_COLUMNS = {
  reason: "text?",
  created_at: "int",
  expires_at: "int?",
} as const satisfies Columns;

/** Of `invites`. */
export const INVITE_COLUMNS = {
  hash: "text",
  node_id: "text?",
  max_uses: "int",
  uses: "int",
  created_at: "int",
  expires_at: "int?",
  revoked_at: "int?",
} as const satisfies Columns;

/** Of `zone_providers`. */
export const PROVIDER_COLUMNS = {
  actions: "text",
  approved_by: "text",
  approved_at: "int",
} as const satisfies Columns;

/** Of `requests`. */
export const REQUEST_COLUMNS = {
  action: "text",
  params: "text",
  state: "text",
  paid: "bool",
  invoke_id: "text",
  idempotent: "bool",
  runner: "text?",
  message_id: "text",
  result: "text?",
  failure: "text?",
  created_at: "int",
  updated_at: "int",
  expires_at: "int?",
} as const satisfies Columns;

/** Of `provider_runs`. */
export const RUN_COLUMNS = { node_id: "text", sent_at: "int" } as const satisfies Columns;

/** Of `payments`. */
export const PAYMENT_COLUMNS = {
  payment_id: "text",
  node_id: "text",
  request_id: "text",
  zone_id: "text",
  action: "text",
  current: "bool",
  chain_id: "int",
  token: "text",
  contract: "text",
  mode: "text",
  recipient: "text",
  creator: "text",
  creator_fee_bps: "int",
  amount: "text",
  zone_key: "text",
  request_key: "text",
  deadline: "int",
  escrow_deadline: "int?",
  arbiter: "text?",
  content_key: "text?",
  salt: "text",
  nonce: "text",
  quote_signature: "text",
  quoted_block: "int",
  state: "text",
  payer: "text?",
  kind: "text?",
  valid_after: "text?",
  signature: "text?",
  by_contract: "bool?",
  attempts: "int",
  void_at: "int?",
  failure_reason: "text?",
  failure_message: "text?",
  tx_hash: "text?",
  block_number: "int?",
  block_hash: "text?",
  settled_at: "int?",
  protocol_fee: "text?",
  creator_fee: "text?",
  recipient_amount: "text?",
  created_at: "int",
  updated_at: "int",
} as const satisfies Columns;

/** Of `escrows`. */
export const ESCROW_COLUMNS = {
  chain_id: "int",
  contract: "text",
  escrow_id: "text",
  task_id: "text",
  payment_id: "text",
  node_id: "text",
  request_id: "text",
  zone_id: "text",
  token: "text",
  depositor: "text",
  recipient: "text",
  arbiter: "text",
  amount: "text",
  status: "text",
  deadline: "int",
  tx_hash: "text?",
  resolved_by: "text?",
  resolved_tx: "text?",
  resolved_at: "int?",
  changed_block: "int?",
  protocol_fee: "text?",
  creator_fee: "text?",
  recipient_amount: "text?",
  created_at: "int",
  updated_at: "int",
} as const satisfies Columns;

/** Of `escrow_ops`. */
export const ESCROW_OP_COLUMNS = {
  chain_id: "int",
  contract: "text",
  escrow_id: "text",
  op: "text",
  signature: "text?",
  party: "text?",
  requested_by: "text",
  state: "text",
  created_at: "int",
  updated_at: "int",
} as const satisfies Columns;

/** Of `refunds`. */
export const REFUND_COLUMNS = {
  payment_id: "text",
  chain_id: "int",
  token: "text",
  to: "text",
  amount: "text",
  state: "text",
  requested_by: "text",
  reason: "text?",
  failure: "text?",
  tx_hash: "text?",
  block_number: "int?",
  steward: "text?",
  created_at: "int",
  updated_at: "int",
} as const satisfies Columns;

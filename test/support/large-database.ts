import { randomBytes } from "node:crypto";
import { createId } from "../../src/protocol/ids.ts";
import { toCanonicalJson } from "../../src/protocol/json.ts";
import { insertAuditEntry } from "../../src/store/admin/audit.ts";
import type { Store, Write } from "../../src/store/database.ts";
import { ESCROW_STATUSES } from "../../src/store/payments/escrow-schema.ts";
import { prepareEscrowQueries } from "../../src/store/payments/escrows.ts";
import { preparePaymentQueries } from "../../src/store/payments/payments.ts";
import { settlementTxs } from "../../src/store/payments/schema.ts";
import { prepareInviteQueries } from "../../src/store/zones/invites.ts";
import { prepareRequestQueries } from "../../src/store/zones/requests.ts";
import { prepareZoneQueries } from "../../src/store/zones/zones.ts";
import { toEntryHash, toGenesisHash } from "../../src/zones/log/log.ts";
import { signZone } from "./creator.ts";
import { createAgentKey } from "./wire-client.ts";

/** How much of everything there is to be. */
export interface LargeSizes {
  readonly zones: number;
  /** Of the first zone, with the entries, the bans and the invitations. */
  readonly members: number;
  readonly entries: number;
  readonly payments: number;
  readonly escrows: number;
  readonly audits: number;
}

/** What a filled database is asked about. */
export interface LargeDatabase {
  /** The zone that has the members and the entries. */
  readonly zoneId: string;
  readonly paymentId: string;
  readonly escrowId: string;
}

/** Rows of one write: few enough that nothing holds the loop up for long. */
const ROWS_AT_ONCE = 2000;
const ANSWERED_SECS = 90 * 86_400;
const CHAIN = {
  chainId: 31337,
  token: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
  contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
} as const;
const PAYEE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const NOBODY = "0x0000000000000000000000000000000000000000";

/** Fills a database with as much as a steward may have after years, in rows as its own statements write them. */
export async function fillDatabase(
  store: Store,
  stewardId: string,
  sizes: LargeSizes,
): Promise<LargeDatabase> {
  const now = Math.floor(Date.now() / 1000);
  const zoneIds = await fillZones(store, stewardId, sizes.zones, now);
  const zoneId = zoneIds[0] as string;
  await fillRoom(store, zoneId, sizes, now);
  const paymentId = await fillPayments(store, zoneIds, sizes.payments, now);
  const escrowId = await fillEscrows(store, zoneIds, sizes.escrows, now);
  await writeAll(store, sizes.audits, (write, i) => {
    insertAuditEntry(write, store, {
      ...{ kind: "change", at: now, tokenId: null, actor: "somebody", address: "127.0.0.1" },
      ...{ action: "POST /v1/zones", requestId: createId("req"), status: 201, detail: { i } },
    });
  });
  return { zoneId, paymentId, escrowId };
}

async function writeAll(
  store: Store,
  count: number,
  one: (write: Write, i: number) => void,
): Promise<void> {
  for (let from = 0; from < count; from += ROWS_AT_ONCE) {
    store.write((write) => {
      for (let i = from; i < Math.min(count, from + ROWS_AT_ONCE); i++) one(write, i);
    });
    await store.committed();
  }
}

/** Every tenth one is stopped, every hundredth of another type. */
async function fillZones(
  store: Store,
  stewardId: string,
  count: number,
  now: number,
): Promise<string[]> {
  const queries = prepareZoneQueries(store);
  const key = createAgentKey();
  const ids: string[] = [];
  await writeAll(store, count, (write, i) => {
    const type = i % 100 === 99 ? "market" : "open";
    const zone = signZone(key, stewardId, {
      ...{ type, name: `zone ${i}`, topic: `topic ${i % 1000}` },
      description: `Zone ${i} of many, which says in a sentence or two what it is for.`,
    });
    ids.push(zone.id);
    const envelope = JSON.stringify(zone.envelope);
    queries.insertZone(write, {
      ...{ zoneId: zone.id, epoch: 1, envelopeHash: zone.hash, creator: key.nodeId, type },
      ...{ state: i % 10 === 9 ? "stopped" : "active", suspendedAt: null, name: `zone ${i}` },
      ...{ topic: `topic ${i % 1000}`, description: `Zone ${i} of many.`, headSeq: 0 },
      ...{ headHash: toGenesisHash(zone.id), logBytes: 0, memberCount: 0, createdAt: now },
    });
    queries.insertEnvelope(write, {
      ...{ zoneId: zone.id, epoch: 1, envelope, hash: zone.hash, createdAt: now },
    });
  });
  return ids;
}

/** Members, bans, invitations and the log of one zone. */
async function fillRoom(
  store: Store,
  zoneId: string,
  { members, entries }: LargeSizes,
  now: number,
): Promise<void> {
  const queries = prepareZoneQueries(store);
  const invites = prepareInviteQueries(store);
  await writeAll(store, members, (write, i) => {
    const nodeId = createNodeId();
    const skills = JSON.stringify(["translation", "review"]);
    queries.insertMember(write, {
      ...{ zoneId, nodeId, name: `agent ${i}`, role: "member", skills, joinedAt: now },
    });
    queries.putZoneBan(write, {
      ...{ zoneId, nodeId: createNodeId(), reason: "noise", createdAt: now, expiresAt: null },
    });
    invites.insertInvite(write, {
      ...{ inviteId: createId("inv"), zoneId, hash: randomHex(), nodeId: null, maxUses: 1 },
      ...{ uses: i % 2, createdAt: now, expiresAt: null, revokedAt: null },
    });
  });
  const nodeId = createNodeId();
  let before = toGenesisHash(zoneId);
  await writeAll(store, entries, (write, i) => {
    const messageId = createId("zmsg");
    const data = toCanonicalJson({ content: "x".repeat(100), id: messageId });
    const entry = { zoneId, seq: i + 1, timestamp: now, kind: "message" as const, nodeId, data };
    before = toEntryHash(before, entry);
    queries.insertLogEntry(write, { ...entry, hash: before, messageId });
  });
}

/** Settled payments with their requests; one in 1,000 waits for the operator, one in 10,000 failed. */
export async function fillPayments(
  store: Store,
  zoneIds: readonly string[],
  count: number,
  now: number,
): Promise<string> {
  const queries = preparePaymentQueries(store);
  const requests = prepareRequestQueries(store);
  let last = "";
  let txHash = "";
  await writeAll(store, count, (write, i) => {
    const name = toName(zoneIds, i);
    const waits = i % 1000 === 500;
    const failed = i % 10_000 === 7;
    // Ten of each transaction.
    const at = now - Math.floor((count - i) / 10) * 600;
    if (i % 10 === 0) {
      txHash = `0x${randomHex()}`;
      write.run(store.db.insert(settlementTxs).values(toTx(i / 10, txHash, at)));
    }
    requests.insertRequest(write, {
      ...{ ...name, action: "echo", params: '{"text":"hello"}', contentHash: randomHex() },
      ...{ state: waits ? "undelivered" : failed ? "failed" : "answered", paid: !failed },
      ...{ invokeId: createId("req"), idempotent: false, messageId: createId("msg") },
      ...{ result: '{"text":"hello"}', failure: null, createdAt: at, updatedAt: at },
      ...{ expiresAt: at + ANSWERED_SECS, runner: null, sig: null },
    });
    const paymentId = createId("pay");
    last = paymentId;
    const mode = "direct" as const;
    queries.insert(write, { ...toQuote(name, at), paymentId, mode });
    queries.compareAndSet(write, {
      ...{ paymentId, from: ["quoted"], to: failed ? "failed" : waits ? "confirmed" : "delivered" },
      at,
      set: {
        ...{ payer: PAYEE, kind: "receive", validAfter: 0n, signature: randomHex(65) },
        ...{ attempts: 1, voidAt: failed ? at : null, byContract: false },
        ...(!failed && { txHash, blockNumber: i + 1, blockHash: randomHex() }),
        ...(!failed && { settledAt: at, protocolFee: 1n, creatorFee: 1n, recipientAmount: 998n }),
      },
    });
    queries.noteTaken(write, name.nodeId);
    for (const state of ["quoted", "authorized", "confirmed", "delivered"] as const) {
      queries.addHistory(write, paymentId, state, at);
    }
  });
  return last;
}

async function fillEscrows(
  store: Store,
  zoneIds: readonly string[],
  count: number,
  now: number,
): Promise<string> {
  const payments = preparePaymentQueries(store);
  const escrows = prepareEscrowQueries(store);
  let last = "";
  await writeAll(store, count, (write, i) => {
    const name = toName(zoneIds, i);
    const at = now - (count - i) * 60;
    const quote = toQuote(name, at);
    const paymentId = createId("pay");
    const mode = "escrow" as const;
    payments.insert(write, { ...quote, paymentId, mode, escrowDeadline: at, contentKey: "0x" });
    payments.compareAndSet(write, {
      ...{ paymentId, from: ["quoted"], to: "delivered", at, set: { payer: PAYEE } },
    });
    payments.noteTaken(write, name.nodeId);
    last = `0x${randomHex()}`;
    const status = i % 1000 === 0 ? ESCROW_STATUSES[(i / 1000) % 6] : "released";
    const resolved = status === "released" || status === "refunded";
    escrows.insertOp(write, {
      ...{ chainId: CHAIN.chainId, contract: CHAIN.contract, escrowId: last, op: "release" },
      ...{ requestedBy: name.nodeId, state: "confirmed", createdAt: at, updatedAt: at },
    });
    escrows.put(write, {
      ...{ chainId: CHAIN.chainId, contract: CHAIN.contract, token: CHAIN.token, ...name },
      ...{ escrowId: last, taskId: `0x${randomHex()}`, paymentId, depositor: PAYEE },
      ...{ recipient: PAYEE, arbiter: NOBODY, amount: 1000n, status: status ?? "released" },
      ...{ deadline: now + 86_400, createdAt: at, updatedAt: at },
      ...(resolved && { resolvedAt: at, resolvedTx: `0x${randomHex()}` }),
    });
  });
  return last;
}

function toName(zoneIds: readonly string[], i: number) {
  const zoneId = zoneIds[i % Math.min(zoneIds.length, 200)] as string;
  return { zoneId, nodeId: createNodeId(), requestId: createId("req") };
}

function toQuote(name: ReturnType<typeof toName>, at: number) {
  return {
    ...{ ...CHAIN, ...name, action: "echo", current: true, recipient: PAYEE, creator: PAYEE },
    ...{ creatorFeeBps: 10, amount: 1000n, zoneKey: `0x${randomHex()}`, deadline: at + 600 },
    ...{ requestKey: `0x${randomHex()}`, escrowDeadline: null, arbiter: null, contentKey: null },
    ...{ salt: `0x${randomHex()}`, nonce: `0x${randomHex()}`, quoteSignature: randomHex(64) },
    ...{ quotedBlock: 1, quotedEpoch: null, state: "quoted" as const, attempts: 0 },
    ...{ createdAt: at, updatedAt: at },
  };
}

function toTx(nonce: number, minedHash: string, at: number): typeof settlementTxs.$inferInsert {
  return {
    ...{ chainId: CHAIN.chainId, sender: PAYEE, nonce, kind: "settle", state: "final", data: "" },
    ...{ to: CHAIN.contract, gasLimit: 600_000, minedHash, blockNumber: nonce, succeeded: true },
    ...{ gasUsed: 500_000, gasCost: 10n ** 15n, applied: true, createdAt: at, updatedAt: at },
  };
}

function createNodeId(): string {
  return `atlas_${randomHex()}`;
}

function randomHex(bytes = 32): string {
  return randomBytes(bytes).toString("hex");
}

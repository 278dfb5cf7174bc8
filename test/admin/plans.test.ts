import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listQuestions } from "../support/large-questions.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";

/** Tables that grow with the years, or by what strangers do. */
const LARGE = [
  ...["zone_log", "members", "zone_bans", "invites", "zone_envelopes", "direct_messages"],
  ...["requests", "payments", "payment_history", "escrows", "escrow_ops", "refunds", "claims"],
  ...["settlement_txs", "settlement_attempts", "settlement_items", "held_shares", "audit_log"],
  ...["idempotency_keys", "seen_messages", "usage", "zones"],
];
/** Sums over all hosted zones, whose number is bounded: a few milliseconds, at the start or now and then. */
const SUMS = [
  "SELECT count(*) FROM zones WHERE state <> 'stopped' AND suspended_at IS NULL",
  "SELECT coalesce(sum(log_bytes), 0) FROM zones",
];
const CHAIN = {
  ...{ chain_id: 31337, network: "anvil", rpc_urls: ["http://127.0.0.1:1"] },
  usdc: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
  settlement: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
};

let steward: TestSteward;
/** By what was prepared first: at the start, or for a list. */
const prepared = { start: new Set<string>(), lists: new Set<string>() };

beforeAll(async () => {
  const { prepare } = Database.prototype;
  let noted = prepared.start;
  Database.prototype.prepare = function (this: Database.Database, sql: string) {
    noted.add(sql);
    return prepare.call(this, sql);
  } as typeof prepare;
  try {
    steward = await startSteward({ config: { chains: [CHAIN] } });
    noted = prepared.lists;
    const zoneId = await steward.createZone();
    const ids = {
      zoneId,
      paymentId: zoneId.replace("zone", "pay"),
      escrowId: `0x${"0".repeat(64)}`,
    };
    for (const { path } of listQuestions(ids)) {
      await fetch(`${steward.httpUrl}${path}`, {
        headers: { authorization: `Bearer ${steward.token}` },
      });
    }
  } finally {
    Database.prototype.prepare = prepare;
  }
});
afterAll(() => steward[Symbol.asyncDispose]());

/** What SQLite does for each statement that reads. */
function explain(statements: Iterable<string>): { sql: string; steps: string[] }[] {
  const db = new Database(join(steward.dataDir, "steward.sqlite"), { readonly: true });
  try {
    return [...statements].flatMap((text) => {
      const sql = text.trim().replace(/\s+/g, " ");
      if (!/^(select|with)/i.test(sql) || sql.includes("touched_records")) return [];
      // Values change nothing of it, and names would have to be given.
      const plain = sql.replace(/[@:]\w+/g, "NULL").replaceAll("?", "NULL");
      const rows = db.prepare(`EXPLAIN QUERY PLAN ${plain}`).all() as { detail: string }[];
      return [{ sql, steps: rows.map(({ detail }) => detail) }];
    });
  } finally {
    db.close();
  }
}

test("no statement of a steward reads a whole table that grows", () => {
  const plans = explain([...prepared.start, ...prepared.lists]);
  expect(plans.length).toBeGreaterThan(100);
  const scans = plans.filter(
    ({ sql, steps }) =>
      !SUMS.includes(sql) &&
      !/where false/.test(sql) &&
      steps.some((step) => LARGE.some((table) => step === `SCAN ${table}`)),
  );
  expect(scans).toEqual([]);
});

test("no list is sorted: each page is read in its order from where it begins", () => {
  const plans = explain(prepared.lists);
  expect(plans.length).toBeGreaterThan(20);
  const sorted = plans.filter(
    ({ sql, steps }) => !/where false/.test(sql) && steps.some((step) => /TEMP B-TREE/.test(step)),
  );
  expect(sorted).toEqual([]);
});

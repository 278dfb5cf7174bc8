import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { signZone } from "../support/creator.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, startReplica, toSet, until } from "./support/replicated-zone.ts";

let a: TestSteward;
let b: TestSteward;
/** Of `b` alone, and that of which it is a replica. */
let ownZone: string;
let replicated: string;
const creator = new Creator();

beforeAll(async () => {
  const handlers = { "*": { echo: { type: "provider" } } };
  const config = { zones: { creation: "anyone" }, replication: { allow: ["*"] }, handlers };
  [a, b] = await Promise.all([startReplica(), startReplica({ config })]);
  const shared = creator.sign(toSet(a, [b]));
  await creator.create(a, shared);
  const actions = [{ name: "echo", description: "Answers its params." }];
  const own = signZone(creator.key, b.nodeId, { actions });
  await creator.create(b, own);
  ownZone = own.id;
  replicated = shared.id;
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
});

/** A member of both zones, connected to the replica. */
async function connectMember(): Promise<WireClient> {
  const client = await WireClient.connect(b.wireUrl, { key: createAgentKey() });
  onTestFinished(() => client[Symbol.asyncDispose]());
  for (const zone_id of [replicated, ownZone]) {
    const join = { type: "zone.join", request_id: "join", zone_id };
    await until("it is a member", async () => (await client.ask(join)).type === "zone.joined");
  }
  await until("the replica has it", () =>
    b.steward.zones.queries.zonesOfMember(String(client.nodeId)).includes(replicated),
  );
  return client;
}

test("a result of a run of a steward's own zone is taken by it, not by another zone's primary", async () => {
  const provider = await connectMember();
  const approval = { zone_id: ownZone, node_id: provider.nodeId, actions: ["echo"] };
  await creator.ask(b, { type: "zone.approve", ...approval });
  const offer = { type: "zone.provide", zone_id: ownZone, actions: ["echo"] };
  expect(await provider.ask(offer)).toMatchObject({ type: "zone.providing" });
  const asker = await connectMember();
  const request = { type: "zone.request", request_id: "r", zone_id: ownZone, action: "echo" };
  const id = asker.sendBody({ ...request, params: {} });
  const { invoke_id }: Reply = await provider.nextBody("zone.invoke");
  provider.sendBody({ type: "zone.result", invoke_id, result: "done" });
  expect(await asker.replyTo(id)).toMatchObject({ type: "zone.response", result: "done" });
});

test("an escrow of a steward's own zone is looked for at that steward, one that it has not elsewhere", async () => {
  const payer = await connectMember();
  const escrowId = `0x${"1a".repeat(32)}`;
  writeEscrow(String(payer.nodeId), escrowId);
  // Payments are off here: nobody's escrow can be shown, but it is this steward that says so.
  const show = { type: "zone.escrow", op: "show", escrow_id: escrowId.toUpperCase().slice(2) };
  const own = { ...show, escrow_id: `0x${show.escrow_id}` };
  expect(await payer.ask(own)).toMatchObject({ type: "zone.error", code: "invalid_params" });
  // Another is asked of the replicated zone's primary, for whom it must be signed.
  const id = payer.sendBody({ ...show, escrow_id: `0x${"2b".repeat(32)}` });
  const { fields } = await payer.next("error");
  expect(fields).toMatchObject({ code: 2001, ref_msg_id: id, reason: "SIGNATURE_REQUIRED" });
});

function writeEscrow(nodeId: string, escrowId: string): void {
  using file = openFile(b.dataDir);
  const columns =
    "chain_id, contract, escrow_id, task_id, payment_id, node_id, request_id, zone_id";
  const rest =
    "token, depositor, recipient, arbiter, amount, status, deadline, created_at, updated_at";
  file.db
    .prepare(
      `INSERT INTO escrows (${columns}, ${rest})
       VALUES (1, '0x', ?, '0x', 'pay', ?, 'r', ?, '0x', '0x', '0x', '0x', '1', 'held', 1, 1, 1)`,
    )
    .run(escrowId, nodeId, ownZone);
}

function openFile(dataDir: string) {
  const db = new Database(join(dataDir, "steward.sqlite"));
  return { db, [Symbol.dispose]: () => db.close() };
}

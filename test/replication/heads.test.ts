import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NodeKey } from "../../src/identity/node-key.ts";
import { signPrimaryHead } from "../../src/zones/log/signed-head.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";
import { Creator, startReplica, toSet, until } from "./support/replicated-zone.ts";

let b: TestSteward;
beforeAll(async () => {
  b = await startReplica();
});
afterAll(async () => {
  await b[Symbol.asyncDispose]();
});

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** Who speaks for the primary of a zone that the steward is a voter of. */
async function openPrimary(key: NodeKey = createAgentKey()) {
  const creator = new Creator();
  const zone = creator.sign(toSet({ nodeId: key.nodeId }, [b]));
  const link = await WireClient.connect(b.wireUrl, { key });
  const envelopes = [zone.envelope];
  const id = link.sendBody({ type: "zone.epoch", zone_id: zone.id, envelopes });
  expect(await link.replyTo(id)).toMatchObject({ epoch: 1, state: "joining", position: null });
  const tell = (seq: number, what: string, signer = key) => {
    const at = { epoch: 1, seq, hash: hashOf(what), digest: hashOf(`digest ${what}`) };
    const head = signPrimaryHead(signer, zone.id, at, Math.floor(Date.now() / 1000));
    link.sendBody({ type: "zone.head", zone_id: zone.id, n: seq, head });
    return head;
  };
  return { zone, link, tell };
}

const readEvidence = async (zoneId: string) =>
  (await b.api("GET", `/v1/replicas/${zoneId}/evidence`)).body.evidence;

describe("heads that a steward is told", () => {
  test("two of one signer, epoch and seq with two hashes are evidence, and halt the zone", async () => {
    const { zone, link, tell } = await openPrimary();
    await using _link = link;
    const first = tell(7, "one history");
    tell(8, "and on");
    const second = tell(7, "another history");
    await until("evidence", async () => (await readEvidence(zone.id)).length === 1);
    const [evidence] = await readEvidence(zone.id);
    expect(evidence).toMatchObject({ zone_id: zone.id, signer: link.nodeId, epoch: 1, seq: 7 });
    expect(evidence.documents).toEqual([first, second]);
    const { body } = await b.api("GET", `/v1/replicas/${zone.id}`);
    expect(body.state).toBe("halted");
  });

  test("what others sign in the primary's place, or he did not sign, counts for nothing", async () => {
    const { zone, link, tell } = await openPrimary();
    await using _link = link;
    tell(7, "one history");
    tell(7, "another history", createAgentKey());
    const forged = { ...tell(9, "a third"), hash: hashOf("not signed") };
    link.sendBody({ type: "zone.head", zone_id: zone.id, n: 9, head: forged });
    const id = link.sendBody({ type: "zone.epoch", zone_id: zone.id, envelopes: [zone.envelope] });
    expect(await link.replyTo(id)).toMatchObject({ state: "joining" });
    expect(await readEvidence(zone.id)).toEqual([]);
  });
});

import { expect, test } from "vitest";
import { verifyEvidence } from "../../src/replication/evidence/verify-evidence.ts";
import { findHeadConflict } from "../../src/replication/exchange/head-conflict.ts";
import { signPrimaryHead } from "../../src/zones/log/signed-head.ts";
import { CHECKS } from "./support/checks.ts";
import { type StreamingNode, ZONE_ID } from "./support/streaming-node.ts";
import { createPair, ids } from "./support/streaming-pair.ts";

const OTHER_HASH = "ab".repeat(32);

/** A follower of a zone whose log goes on with some commits only. */
async function createScene() {
  const { primary, follower } = createPair();
  primary.say("begins");
  follower.follow(primary);
  await follower.level(primary);
  const members = ids(4);
  for (const text of ["one", "two"]) {
    primary.say(text);
    await follower.level(primary);
    for (const id of members.splice(0, 2)) primary.admit(id);
    await follower.level(primary);
  }
  /** The head of a commit, as the primary signs it with something changed. */
  const headOf = (n: number, changes: object = {}) => {
    const row = follower.log.commits.findCommit(ZONE_ID, n);
    if (row === undefined) throw new Error(`${n} is not kept.`);
    return signPrimaryHead(primary.key, ZONE_ID, { ...row, ...changes }, 5);
  };
  const last = follower.position?.n ?? 0;
  return { primary, follower, headOf, last };
}

function compare(follower: StreamingNode, told: Parameters<typeof findHeadConflict>[2]) {
  const { zones, log } = follower;
  const row = log.zones.findReplicated(ZONE_ID);
  if (row === undefined) throw new Error("There is no zone.");
  const deps = { zones, commits: log.commits, replicated: log.zones };
  return findHeadConflict(deps, row, told);
}

function verify({ nodeId }: StreamingNode, documents: readonly object[]) {
  const of = { kind: "HEADS", zone_id: ZONE_ID, signer: nodeId, epoch: 1 };
  return verifyEvidence(CHECKS, { ...of, documents: JSON.parse(JSON.stringify(documents)) });
}

test("the head of any commit fits, whoever tells it and with whichever number", async () => {
  const { follower, headOf, last } = await createScene();
  for (let n = last - 5; n <= last; n++) {
    const head = headOf(n);
    expect(compare(follower, { n, head, isSigners: true })).toBe("fits");
    expect(compare(follower, { n: last, head, isSigners: false })).toBe("fits");
  }
});

test("a head with another log is proven to be a second history by the heads alone", async () => {
  const { primary, follower, headOf, last } = await createScene();
  for (const n of [last, last - 3, last - 4]) {
    const head = headOf(n, { hash: OTHER_HASH });
    const conflict = compare(follower, { n, head, isSigners: false });
    if (typeof conflict === "string") throw new Error(conflict);
    expect(verify(primary, conflict.documents)).toMatchObject({ verdict: "proven" });
  }
});

test("a head with another state is proven once the log went on, whoever tells it", async () => {
  const { primary, follower, headOf, last } = await createScene();
  const told = { n: last, head: headOf(last, { digest: OTHER_HASH }), isSigners: false };
  expect(compare(follower, told)).toBe("open");
  primary.say("three");
  await follower.level(primary);
  const conflict = compare(follower, told);
  if (typeof conflict === "string") throw new Error(conflict);
  const [, held] = conflict.documents;
  expect(verify(primary, conflict.documents)).toMatchObject({ verdict: "proven" });
  // With commits that are not all of those it could be, or not the signer's, it is not.
  const { commits } = held as { commits: { n: number }[] };
  const fewer = { ...held, commits: commits.slice(0, -1) };
  expect(verify(primary, [conflict.documents[0] ?? {}, fewer]).verdict).not.toBe("proven");
});

test("where its signer tells it with its number, another state is evidence at once", async () => {
  const { primary, follower, headOf, last } = await createScene();
  const head = headOf(last, { digest: OTHER_HASH });
  const conflict = compare(follower, { n: last, head, isSigners: true });
  if (typeof conflict === "string") throw new Error(conflict);
  expect(verify(primary, conflict.documents)).toMatchObject({ verdict: "contradicts" });
});

test("what another epoch's primary has in its place is no conflict", async () => {
  const { follower, headOf, last } = await createScene();
  const head = headOf(last, { epoch: 2, hash: OTHER_HASH, digest: OTHER_HASH });
  expect(compare(follower, { n: last, head, isSigners: true })).toBe("fits");
});

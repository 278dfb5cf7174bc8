import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { SignatureVerifier } from "../../src/identity/verify.ts";
import { type Evidence, verifyEvidence } from "../../src/replication/evidence/verify-evidence.ts";
import { signZone } from "../support/creator.ts";
import { createAgentKey } from "../support/wire-client.ts";
import { writeCanonicalJson } from "../wire/independent/canonical-json.ts";
import { STEWARD, ZONE_ID } from "../wire/sources/cast.ts";
import { readVectors } from "../wire/vectors.ts";

const vectors = readVectors<{
  digest_0: string;
  commits: { commit: { n: number; hash: string; seq: number }; digest: string }[];
  heads: { head: Record<string, unknown> }[];
  snapshot: { start: object; end: object; signature: string };
}>("replication.json");
const verifier = new SignatureVerifier();
const checks = {
  hash: (before: string | undefined, text: string) =>
    createHash("sha256")
      .update(before ?? "", "hex")
      .update(text)
      .digest("hex"),
  verify: (key: Uint8Array, content: Uint8Array, signature: Uint8Array) =>
    verifier.verify(key, content, signature),
};
const verify = (evidence: Evidence) => verifyEvidence(checks, evidence).verdict;

function signHead(change: object) {
  const { steward, public_key, signature: _, ...rest } = vectors.heads[0]?.head ?? {};
  const signed = { ...rest, ...change };
  const content = Buffer.from(`atlas-head-v2\0${writeCanonicalJson(signed)}`);
  return { ...signed, steward, public_key, signature: STEWARD.sign(content) };
}

const byPrimary = (documents: object[]): Evidence => ({
  ...{ kind: "any", zone_id: ZONE_ID, signer: STEWARD.nodeId, epoch: 2, documents },
});

test("two envelopes of one epoch are proven by their signatures", () => {
  const key = createAgentKey();
  const first = signZone(key, STEWARD.nodeId);
  const [one, two] = ["one", "two"].map((name) => first.next({ name }).envelope);
  const evidence = (documents: unknown[]): Evidence => ({
    ...{ kind: "two_envelopes", zone_id: first.id, signer: key.nodeId, epoch: 2, documents },
  });
  expect(verify(evidence([one, two]))).toBe("proven");
  expect(verify(evidence([one, one]))).toBe("refuted");
  expect(verify(evidence([one, { ...two, epoch: 3 }]))).toBe("refuted");
  expect(verify(evidence([one, { ...two, signed_at: 1 }]))).toBe("refuted");
  expect(verify({ ...evidence([one, two]), signer: createAgentKey().nodeId })).toBe("refuted");
  expect(verify(evidence([one, first.envelope]))).toBe("refuted");
});

test("two heads of one seq are proven, of one commit as far as the finder is believed", () => {
  const head = signHead({});
  const forked = signHead({ hash: "ab".repeat(32), state: "cd".repeat(32) });
  expect(verify(byPrimary([head, forked]))).toBe("proven");
  expect(
    verify(
      byPrimary([
        { n: 2, head },
        { n: 2, head: forked },
      ]),
    ),
  ).toBe("proven");
  expect(verify(byPrimary([head, signHead({ state: "cd".repeat(32) })]))).toBe("contradicts");
  expect(verify(byPrimary([head, head]))).toBe("refuted");
  expect(verify(byPrimary([head]))).toBe("contradicts");
  expect(verify(byPrimary([{ ...forked, seq: 5 }]))).toBe("refuted");
  expect(verify(byPrimary([head, { ...forked, seq: 5 }]))).toBe("refuted");
  expect(verify(byPrimary([head, signHead({ epoch: 3, hash: "ab".repeat(32) })]))).toBe("refuted");
});

test("commits that do not lead to their signed head contradict it, and those that do show nothing", () => {
  const [first, second, third] = vectors.commits;
  const body = {
    type: "zone.entries",
    zone_id: ZONE_ID,
    epoch: 2,
    commits: [second?.commit, third?.commit],
    head: vectors.heads[1]?.head,
    released: 1,
  };
  const after = {
    position: { epoch: 2, n: 1, digest: first?.digest },
    log: { seq: first?.commit.seq, hash: first?.commit.hash },
  };
  const sent = (commits: unknown[], head = body.head) =>
    byPrimary([
      { fault: "OTHER_DIGEST", after },
      { ...body, commits, head },
    ]);
  expect(verify(sent(body.commits))).toBe("refuted");
  const altered = { ...third?.commit, salt: "00".repeat(16) };
  expect(verify(sent([second?.commit, altered]))).toBe("contradicts");
  const unsigned = { ...body.head, state: "ab".repeat(32) };
  expect(verify(sent([second?.commit, altered], unsigned))).toBe("contradicts");
  expect(verify(sent(body.commits, unsigned))).toBe("contradicts");
  expect(verify(byPrimary([{ ...body, commits: [second?.commit, altered] }]))).toBe("refuted");
});

test("a snapshot's signed end contradicts as its finder says", () => {
  const end = {
    type: "zone.snapshot",
    ...vectors.snapshot.end,
    public_key: STEWARD.publicKey,
    signature: vectors.snapshot.signature,
  };
  expect(verify(byPrimary([{ fault: "END_DIFFERS" }, { end }]))).toBe("contradicts");
  expect(verify(byPrimary([{ fault: "END_DIFFERS" }, { end: { ...end, upto: 9 } }]))).toBe(
    "refuted",
  );
  expect(verify(byPrimary([]))).toBe("refuted");
});

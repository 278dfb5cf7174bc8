import { createHash } from "node:crypto";
import { SignatureVerifier } from "../../../src/identity/verify.ts";
import type { ChainHash } from "../../../src/protocol/log-chain.ts";
import type { CommitChecks } from "../../../src/replication/follow/judge-entries.ts";

const verifier = new SignatureVerifier();

/** SHA-256 as the steward does it. */
export const hash: ChainHash = (before, text) =>
  createHash("sha256")
    .update(Buffer.from(before ?? "", "hex"))
    .update(text)
    .digest("hex");

/** What a follower checks with. */
export const CHECKS: CommitChecks = {
  hash,
  verify: (publicKey, content, signature) => verifier.verify(publicKey, content, signature),
};

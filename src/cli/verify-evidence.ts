import { createHash } from "node:crypto";
import { z } from "zod";
import { SignatureVerifier } from "../identity/verify.ts";
import { evidenceSchema, verifyEvidence } from "../replication/evidence/verify-evidence.ts";
import { EXIT, UsageError } from "./exit-codes.ts";
import { readText } from "./input.ts";
import { printAnswer, toTable } from "./output.ts";

const fileSchema = z.union([
  z.object({ evidence: z.array(evidenceSchema).min(1) }).transform(({ evidence }) => evidence),
  evidenceSchema.transform((evidence) => [evidence]),
]);

/**
 * Checks proof of a lie from what is in the file alone, on any machine; ends with 1 where an item shows
 * nothing; `docs/protocol.md` §9.11.
 * @throws UsageError where the file holds no evidence
 */
export async function runVerifyEvidence(
  file: string,
  options: { readonly json?: boolean },
): Promise<void> {
  const parsed = fileSchema.safeParse(parseFile(await readText(file)));
  if (!parsed.success) {
    throw new UsageError(
      `${file} holds no evidence: expected what steward replica evidence --json prints, or one item of it.`,
    );
  }
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
  const items = parsed.data.map((item) => {
    const { kind, zone_id, signer, epoch } = item;
    return { kind, zone_id, signer, epoch, ...verifyEvidence(checks, item) };
  });
  const ok = items.every(({ verdict }) => verdict !== "refuted");
  printAnswer({ value: { ok, evidence: items }, text: () => toTable(items) }, options.json);
  if (!ok) process.exitCode = EXIT.failed;
}

/** As large and as deep as what stewards send one another. */
function parseFile(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { z } from "zod";
import type { SignatureVerifier } from "../../identity/verify.ts";
import { ZONE_ID_PATTERN } from "../../protocol/ids.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import { parseJsonText } from "../../wire/json-text.ts";
import { REPLY_LIMITS } from "../../wire/structure-limits.ts";
import type { SignedHead } from "../../wire/zone-replies.ts";
import { headSchema, ZoneCheck, type ZoneFindings } from "./zone-check.ts";
import { EXPORT_FORMAT } from "./zone-lines.ts";

/** An entry's content is at most 6 MiB of JSON; a line that is longer is none of these files'. */
const LINE_BYTES_MAX = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

const hashField = z.string().regex(/^[0-9a-f]{64}$/);
const jsonObject = z.record(z.string(), z.unknown()).transform((value) => value as JsonObject);

const beginSchema = z.object({
  format: z.literal(EXPORT_FORMAT),
  zone_id: z.string().regex(ZONE_ID_PATTERN),
});
const entrySchema = z.object({
  entry: z.object({
    zone_id: z.string(),
    seq: z.int().min(1),
    timestamp: z.int(),
    kind: z.string(),
    node_id: z.string(),
    data: jsonObject,
  }),
  hash: hashField,
});
const lineSchema = z.union([
  entrySchema,
  z.object({ envelope: jsonObject }),
  z.object({ envelope_hash: z.object({ epoch: z.int().min(1), hash: hashField }) }),
  z.object({ checkpoint: headSchema }),
  z.object({ head: headSchema }),
]);

/** What a zone's file was found to be. */
export interface FileFindings extends ZoneFindings {
  readonly ok: boolean;
  /** Whose word the end is, and since when; undefined where the file ends before it. */
  readonly head: SignedHead | undefined;
}

/** The file is none that a steward wrote. */
export class NoZoneFile extends Error {
  override readonly name = "NoZoneFile";
}

/**
 * Checks a zone's file by itself, on any machine, a line at a time: envelopes, the hash of each entry,
 * signatures, and that it leads to a head that one of the zone's stewards signed.
 * @throws NoZoneFile where it is another kind of file
 */
export async function checkZoneFile(
  chunks: AsyncIterable<Uint8Array>,
  verifier: SignatureVerifier,
  onProgress: (bytes: number) => void = () => {},
): Promise<FileFindings> {
  let check: ZoneCheck | undefined;
  let head: SignedHead | undefined;
  let number = 0;
  for await (const { text, bytes } of readLines(chunks)) {
    number++;
    onProgress(bytes);
    const value = parse(text);
    if (check === undefined) {
      const begin = beginSchema.safeParse(value).data;
      if (begin === undefined) throw new NoZoneFile("It does not begin as a zone's file does.");
      check = new ZoneCheck(verifier, begin.zone_id);
      continue;
    }
    if (head !== undefined) check.fault(`line ${number}`, "comes after the end");
    else head = takeLine(check, value, `line ${number}`);
  }
  if (check === undefined) throw new NoZoneFile("It is empty.");
  if (head === undefined) check.fault("end", "is missing: the file is not whole");
  const { findings } = check;
  return { ...findings, ok: findings.faults_total === 0, head };
}

/** Returns the head where the line is the file's end. */
function takeLine(check: ZoneCheck, value: unknown, at: string): SignedHead | undefined {
  const line = lineSchema.safeParse(value).data;
  if (line === undefined) check.fault(at, "is none that a steward writes");
  else if ("envelope" in line) check.takeEnvelope(line.envelope);
  else if ("envelope_hash" in line) check.takeEnvelopeHash(line.envelope_hash);
  else if ("checkpoint" in line) check.takeCheckpoint(line.checkpoint);
  else if ("entry" in line) {
    const { zone_id: zoneId, node_id: nodeId, data, ...entry } = line.entry;
    check.takeEntry({ ...entry, zoneId, nodeId, data: toCanonicalJson(data) }, line.hash);
  } else {
    check.takeHead(line.head);
    return line.head;
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return parseJsonText(text, REPLY_LIMITS);
  } catch {
    return undefined;
  }
}

/** Cuts bytes into lines, holding no more than one of them. */
async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly text: string; readonly bytes: number }> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = () => {
    const line = Buffer.concat(parts);
    parts = [];
    length = 0;
    return { text: line.toString("utf8"), bytes: line.length + 1 };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      const part = chunk.subarray(from, end < 0 ? chunk.length : end);
      parts.push(part);
      length += part.length;
      if (length > LINE_BYTES_MAX) throw new NoZoneFile("A line of it is too long.");
      if (end < 0) break;
      yield take();
      from = end + 1;
    }
  }
  if (length > 0) yield take();
}

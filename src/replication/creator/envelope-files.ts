import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { AgentError } from "../../client/agent-error.ts";
import type { EnvelopeStore } from "../../client/zones/envelope-store.ts";
import { ZONE_ID_PATTERN } from "../../protocol/ids.ts";
import type { JsonObject } from "../../protocol/json.ts";

/**
 * Keeps the newest envelope that a creator signed of each zone in a folder, one file per zone, which is
 * there whole or as before, whatever happens meanwhile; `docs/protocol.md` §9.8.
 */
export function openEnvelopeFiles(folder: string): EnvelopeStore {
  return {
    get: async (zoneId) => {
      const text = await readFile(toPath(folder, zoneId), "utf8").catch(ifMissing);
      return text === undefined ? undefined : parseEnvelope(text);
    },
    put: async (zoneId, envelope) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = toPath(folder, zoneId);
      if (envelope === undefined) await rm(path, { force: true });
      else await writeWhole(path, JSON.stringify(envelope));
      await syncFolder(folder);
      await syncFolder(join(folder, ".."));
    },
  };
}

function toPath(folder: string, zoneId: string): string {
  if (!ZONE_ID_PATTERN.test(zoneId)) {
    throw new AgentError("invalid_input", { message: "zoneId: expected zone_ and a UUIDv7." });
  }
  return join(folder, `${zoneId}.json`);
}

async function writeWhole(path: string, text: string): Promise<void> {
  const next = `${path}.next`;
  const file = await open(next, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ifMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
  throw error;
}

function parseEnvelope(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch (cause) {
    // What cannot be read may be an epoch that somebody has: better to sign nothing.
    throw new AgentError("ledger_failed", {
      message: "The file of a signed envelope is damaged.",
      cause,
    });
  }
}

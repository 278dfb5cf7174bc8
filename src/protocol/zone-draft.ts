import type { JsonObject } from "./json.ts";

/** What a zone's manifest has that its creator does not say. */
export interface SteadyFields {
  readonly id: string;
  /** What of the creator is not his to say: the node id at least. */
  readonly creator: JsonObject;
  readonly steward_set: readonly JsonObject[];
  readonly entrypoints: readonly string[];
  readonly chain_id: number | undefined;
  readonly created_at: number;
}

/** Leaves out what is absent or null: both mean that nothing is said; `docs/protocol.md` §6. */
export function toSaid(input: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** Puts a manifest together from what its creator says, which wins, and the rest; `docs/protocol.md` §6. */
export function draftManifest(
  said: Readonly<Record<string, unknown>>,
  steady: SteadyFields,
): Record<string, unknown> {
  const creator = said.creator as object | undefined;
  return { version: "1", ...steady, ...said, creator: { ...creator, ...steady.creator } };
}

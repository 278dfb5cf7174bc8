import { dereference, type Schema, type SchemaDraft } from "@cfworker/json-schema";
import { type JsonObject, type JsonValue, utf8Bytes } from "../../protocol/json.ts";
import type { ManifestAction } from "../../protocol/manifest.ts";
import { assertCheap, type SchemaCost, toSchemaCost } from "./cost.ts";
import {
  isSchemaObject,
  listInPlace,
  refuseSchema,
  type SchemaObject,
  toCleanSchema,
} from "./keywords.ts";

/** The largest `params` of a manifest's action, in bytes of JSON. */
export const PARAMS_BYTES_MAX = 64 * 1024;
/** Containers inside containers a `params` may have, itself included. */
const PARAMS_DEPTH_MAX = 32;
/** Schemas in a row that apply to one and the same value, through `$ref`, `allOf` and the like. */
const CHAIN_LENGTH_MAX = 64;

/** A schema that is safe to hand to the validator, and how much there is of it. */
export interface ParamsSchema {
  readonly schema: Schema;
  readonly lookup: Record<string, Schema | boolean>;
  readonly draft: SchemaDraft;
  /** What it may cost to check params against it. */
  readonly cost: SchemaCost;
}

/** Tells a JSON Schema from the hint form; `docs/protocol.md` §6. */
export function isJsonSchema(params: JsonObject): boolean {
  return Object.hasOwn(params, "$schema") || (params.type === "object" && isMap(params.properties));
}

/**
 * Refuses an action whose `params` could not be checked at request time, or only at a stranger's
 * price: called where a manifest is accepted; `docs/protocol.md` §6.
 * @throws StewardError `invalid_params`; its message names the action and the keyword
 */
export function assertParamsSchema(action: Pick<ManifestAction, "name" | "params">): void {
  const { name, params } = action;
  if (params === undefined) return;
  const path = `manifest.actions.${name}.params`;
  if (isJsonSchema(params)) assertCheap(parseParamsSchema(params, path).cost, path);
  else assertSize(params, path);
}

/**
 * Parses a JSON Schema from a manifest.
 * @throws StewardError `invalid_params`; its message starts with the path of what is refused
 */
export function parseParamsSchema(raw: JsonObject, path: string): ParamsSchema {
  assertSize(raw, path);
  const schema = toCleanSchema(raw, path) as SchemaObject;
  const lookup = dereference(schema);
  const nodes = Object.values(lookup).filter(isSchemaObject);
  for (const node of nodes) {
    if (node.$ref === undefined || findTarget(lookup, node) !== undefined) continue;
    throw refuseSchema(path, `$ref ${node.$ref} leads nowhere`);
  }
  const check = { lookup, path, chain: new Set<SchemaObject>(), lengths: new Map() };
  for (const node of nodes) measureChain(check, node);
  const cost = toSchemaCost(schema, lookup, path);
  return { schema, lookup, draft: toDraft(raw.$schema), cost };
}

function toDraft(uri: JsonValue | undefined): SchemaDraft {
  const text = typeof uri === "string" ? uri : "";
  if (text.includes("draft-04")) return "4";
  if (text.includes("draft-06") || text.includes("draft-07")) return "7";
  return text.includes("2019-09") ? "2019-09" : "2020-12";
}

function assertSize(params: JsonObject, path: string): void {
  if (isDeeper(params, PARAMS_DEPTH_MAX)) {
    throw refuseSchema(path, `nested deeper than ${PARAMS_DEPTH_MAX}`);
  }
  if (utf8Bytes(JSON.stringify(params)) > PARAMS_BYTES_MAX) {
    throw refuseSchema(path, `larger than ${PARAMS_BYTES_MAX / 1024} KiB`);
  }
}

function isDeeper(value: JsonValue, depthMax: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depthMax === 0 || Object.values(value).some((item) => isDeeper(item, depthMax - 1));
}

function findTarget(
  lookup: ParamsSchema["lookup"],
  node: SchemaObject,
): Schema | boolean | undefined {
  return lookup[node.__absolute_ref__ ?? ""];
}

interface ChainCheck {
  readonly lookup: ParamsSchema["lookup"];
  readonly path: string;
  readonly chain: Set<SchemaObject>;
  /** The longest chain that starts at a node, itself included. */
  readonly lengths: Map<SchemaObject, number>;
}

/** Refuses chains of schemas on one value that are endless, or too long for the stack. */
function measureChain(check: ChainCheck, node: SchemaObject): number {
  const { chain, lengths, path } = check;
  if (chain.has(node)) throw refuseSchema(path, "a $ref leads back to itself");
  let length = lengths.get(node);
  if (length === undefined) {
    chain.add(node);
    const target = node.$ref === undefined ? undefined : findTarget(check.lookup, node);
    const next = [target, ...listInPlace(node)].filter(isSchemaObject);
    length = 1 + Math.max(0, ...next.map((inner) => measureChain(check, inner)));
    chain.delete(node);
    lengths.set(node, length);
  }
  if (chain.size + length > CHAIN_LENGTH_MAX) {
    throw refuseSchema(path, `more than ${CHAIN_LENGTH_MAX} schemas in a row on one value`);
  }
  return length;
}

function isMap(value: JsonValue | undefined): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

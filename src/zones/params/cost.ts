import type { Schema } from "@cfworker/json-schema";
import type { JsonValue } from "../../protocol/json.ts";
import { isSchemaObject, listInPlace, refuseSchema, type SchemaObject } from "./keywords.ts";

/** Schemas inside one `params`. */
const SCHEMAS_MAX = 4096;
/** Containers inside containers that params can have inside a body. */
const DEPTH_MAX = 32;
/** What one check may cost: one unit is one keyword asked about one value. */
export const CHECK_COST_MAX = 100_000;
/** A schema for which fewer values than this could be checked is refused. */
const VALUES_MIN = 50;
// What is cheaper than a keyword, by how much; measured in bench/params-cost.ts.
const CHARS_PER_UNIT = 512;
const LISTED_PER_UNIT = 8;
const COMPARED_PER_UNIT = 64;

/** What a schema costs in the worst case, per value at each depth of the params; `[0]` is the root. */
export interface SchemaCost {
  readonly perValue: readonly number[];
  /** Whether it compares the items of arrays with each other. */
  readonly comparesItems: boolean;
}

/** One schema, its parts by what they apply to, as positions in the list of all. */
interface Part {
  readonly weight: number;
  /** To the same value. */
  readonly inPlace: readonly number[];
  /** To one of the members of an object, whichever costs most. */
  readonly oneMember: readonly number[];
  /** To members of an object beside that one's. */
  readonly members: readonly number[];
  /** To the first items of an array, one each. */
  readonly oneItem: readonly number[];
  /** To every item of an array. */
  readonly items: readonly number[];
}

/**
 * Judges what checking any params against a schema can cost, from its text alone: how many of its parts
 * may be asked about one value, through references, alternatives and recursion, at each depth.
 * @param lookup all schemas inside it, by where they stand, in-place chains free of circles
 * @throws StewardError `invalid_params` where it has too many parts
 */
export function toSchemaCost(
  schema: SchemaObject,
  lookup: Readonly<Record<string, Schema | boolean>>,
  path: string,
): SchemaCost {
  const nodes = [...new Set(Object.values(lookup).filter(isSchemaObject))];
  if (nodes.length > SCHEMAS_MAX) throw refuseSchema(path, `more than ${SCHEMAS_MAX} schemas`);
  const order = toOrder(nodes, lookup);
  const places = new Map(order.map((node, place) => [node, place]));
  const parts = order.map((node) => toPart(node, places, lookup));
  const root = places.get(schema) ?? order.length - 1;
  const perValue: number[] = [];
  let below: Float64Array | undefined;
  for (let depth = 0; depth <= DEPTH_MAX; depth++) {
    below = toCosts(parts, below, depth);
    const cost = below[root] ?? 0;
    if (cost === 0) break;
    perValue.push(cost);
  }
  return { perValue, comparesItems: nodes.some(({ uniqueItems }) => uniqueItems === true) };
}

/** @throws StewardError `invalid_params` where hardly any params could be checked for its price */
export function assertCheap({ perValue }: SchemaCost, path: string): void {
  if (Math.max(...perValue) * VALUES_MIN <= CHECK_COST_MAX) return;
  throw refuseSchema(
    path,
    "too many of its parts apply to one value: use fewer alternatives and references inside one another",
  );
}

/** What checking params costs at most, in units of `CHECK_COST_MAX`. */
export function toCheckCost({ perValue, comparesItems }: SchemaCost, params: JsonValue): number {
  let total = 0;
  const walk = (value: JsonValue, depth: number): number => {
    const perUnit = perValue[depth] ?? 1;
    if (typeof value === "string") {
      const size = 1 + value.length / CHARS_PER_UNIT;
      total += perUnit * size;
      return size;
    }
    total += perUnit;
    if (typeof value !== "object" || value === null) return 1;
    let size = 1;
    const entries = Object.entries(value);
    for (const [key, item] of entries) {
      size += key.length / CHARS_PER_UNIT + walk(item as JsonValue, depth + 1);
    }
    // Each item is compared with each other one, as far as both go.
    if (comparesItems && Array.isArray(value)) {
      total += (perUnit * entries.length * size) / COMPARED_PER_UNIT;
    }
    return size;
  };
  walk(params, 0);
  return total;
}

/** Schemas after all that apply to the same value as they do. */
function toOrder(
  nodes: readonly SchemaObject[],
  lookup: Readonly<Record<string, Schema | boolean>>,
): SchemaObject[] {
  const order: SchemaObject[] = [];
  const seen = new Set<SchemaObject>();
  const visit = (node: SchemaObject): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const inner of listSame(node, lookup)) visit(inner);
    order.push(node);
  };
  for (const node of nodes) visit(node);
  return order;
}

function listSame(
  node: SchemaObject,
  lookup: Readonly<Record<string, Schema | boolean>>,
): SchemaObject[] {
  const target = node.$ref === undefined ? undefined : lookup[node.__absolute_ref__ ?? ""];
  return [target, ...listInPlace(node)].filter(isSchemaObject);
}

function toPart(
  node: SchemaObject,
  places: ReadonlyMap<SchemaObject, number>,
  lookup: Readonly<Record<string, Schema | boolean>>,
): Part {
  const at = (schemas: readonly unknown[]): number[] =>
    schemas.filter(isSchemaObject).flatMap((inner) => places.get(inner) ?? []);
  const { properties, prefixItems, items } = node;
  const list = Array.isArray(items) ? items : [];
  return {
    weight: toWeight(node),
    inPlace: at(listSame(node, lookup)),
    oneMember: at(Object.values(properties ?? {})),
    members: at([node.additionalProperties, node.unevaluatedProperties, node.propertyNames]),
    oneItem: at([...((prefixItems as unknown[] | undefined) ?? []), ...list]),
    items: at([
      Array.isArray(items) ? undefined : items,
      node.additionalItems,
      node.unevaluatedItems,
      node.contains,
    ]),
  };
}

/** Its keywords and what they list, but for the schemas inside it, which are parts of their own. */
function toWeight(node: SchemaObject): number {
  let weight = 1;
  let listed = 0;
  for (const [keyword, value] of Object.entries(node)) {
    if (keyword.startsWith("__")) continue;
    weight += 1;
    if (keyword === "enum" || keyword === "const") listed += countValues(value);
    else if (typeof value === "object" && value !== null) {
      for (const item of Object.values(value)) listed += Array.isArray(item) ? 1 + item.length : 1;
    }
  }
  return weight + listed / LISTED_PER_UNIT;
}

/** Counts a JSON value and every value inside it. */
function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  let count = 1;
  for (const item of Object.values(value)) count += countValues(item);
  return count;
}

/**
 * What each schema costs for one value `depth` levels inside the value that it is applied to.
 * @param below the same for one level less; undefined at the value itself
 */
function toCosts(
  parts: readonly Part[],
  below: Float64Array | undefined,
  depth: number,
): Float64Array {
  const costs = new Float64Array(parts.length);
  const sum = (places: readonly number[], of: Float64Array): number =>
    places.reduce((total, place) => total + (of[place] ?? 0), 0);
  const most = (places: readonly number[], of: Float64Array): number =>
    places.reduce((max, place) => Math.max(max, of[place] ?? 0), 0);
  for (const [place, part] of parts.entries()) {
    let cost = sum(part.inPlace, costs);
    if (below === undefined) cost += part.weight;
    else {
      const member = most(part.oneMember, below) + sum(part.members, below);
      const item = most(part.oneItem, below) + sum(part.items, below);
      // Each schema of an object or array also goes through its members.
      cost += Math.max(member, item) + (depth === 1 ? 1 : 0);
    }
    costs[place] = Math.min(cost, Number.MAX_SAFE_INTEGER);
  }
  return costs;
}

import { readFileSync } from "node:fs";
import { z } from "zod";
import { configSchema } from "../src/config/config.ts";

const INTRO = `# Configuration keys

Every key of the configuration, made from its schema. What belongs together, files and variables: [operations](operations.md#configuration);
payments and chains with advice: [chains](chains.md); handlers, a page each: [echo](handlers/echo.md), [http](handlers/http.md),
[module](handlers/module.md), [provider](handlers/provider.md). \`*\` stands for any name, \`[]\` for an item of a list.

<!-- Made from src/config by \`npm run generate\`. -->

`;

const LIMITS = readLimits();
/** Addresses, of which the schema says the form alone. */
const ADDRESSES: Readonly<Record<string, string>> = {
  "chains[].chain_id": "One entry a chain; every RPC URL must serve it.",
  "chains[].usdc": "The token's contract.",
  "chains[].settlement": "The contract that settles direct payments.",
  "chains[].escrow": "The contract that holds escrows; without it none are taken.",
};

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly required?: readonly string[];
}

interface Row {
  readonly key: string;
  readonly type: string;
  readonly value: string;
  readonly says: string;
}

/** Writes the page of all keys. */
export function toConfigPage(): string {
  const schema = z.toJSONSchema(configSchema, {
    io: "input",
    unrepresentable: "any",
  }) as JsonSchema;
  const sections = Object.entries(schema.properties ?? {}).map(([section, one]) => {
    const rows = listRows(section, one, readComments(findSource(section)), false);
    const lines = rows.map(
      ({ key, type, value, says }) => `| \`${key}\` | ${type} | ${value} | ${says} |`,
    );
    return ["| key | type | default | meaning |", "|---|---|---|---|", ...lines].join("\n");
  });
  const names = Object.keys(schema.properties ?? {});
  return `${INTRO}${sections.map((table, i) => `## ${names[i]}\n\n${table}\n`).join("\n")}`;
}

function listRows(
  key: string,
  schema: JsonSchema,
  comments: ReadonlyMap<string, string>,
  isRequired: boolean,
  kind = "",
): Row[] {
  const { properties, additionalProperties, items } = schema;
  const kinds = schema.anyOf ?? schema.oneOf;
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, one]) =>
      listRows(`${key}.${name}`, one, comments, schema.required?.includes(name) ?? false, kind),
    );
  }
  if (kinds?.every((one) => one.properties !== undefined)) {
    return kinds.flatMap((one) => {
      const { type, ...others } = one.properties ?? {};
      const name = String(type?.const);
      return listRows(key, { ...one, properties: others }, comments, false, name).map((row) => ({
        ...row,
        key: `${row.key}\` of \`${name}`,
      }));
    });
  }
  if (typeof additionalProperties === "object" && isNested(additionalProperties)) {
    return listRows(`${key}.*`, additionalProperties, comments, false);
  }
  if (items !== undefined && isNested(items)) return listRows(`${key}[]`, items, comments, false);
  const name = key.split(".").at(-1) ?? "";
  const says =
    comments.get(`${kind}.${name}`) ?? comments.get(name) ?? LIMITS.get(key) ?? ADDRESSES[key];
  if (says === undefined) throw new Error(`${key} has no doc comment in its schema`);
  return [{ key, type: toType(schema), value: toDefault(schema, isRequired), says }];
}

function isNested({ properties, additionalProperties, anyOf, oneOf }: JsonSchema): boolean {
  return (
    [properties, anyOf, oneOf].some((one) => one !== undefined) ||
    typeof additionalProperties === "object"
  );
}

function toType(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${one}\``).join(", ");
  if (schema.items !== undefined) return `list of ${toType(schema.items)}`;
  if (typeof schema.additionalProperties === "object")
    return `${toType(schema.additionalProperties)} by name`;
  if (schema.type !== "integer") return schema.type ?? "text";
  const { minimum = (schema.exclusiveMinimum ?? 0) + 1, maximum = Number.MAX_SAFE_INTEGER } =
    schema;
  return maximum === Number.MAX_SAFE_INTEGER
    ? `integer ≥ ${minimum}`
    : `integer ${minimum}–${maximum}`;
}

function toDefault({ default: value }: JsonSchema, isRequired: boolean): string {
  if (value !== undefined)
    return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
  return isRequired ? "required" : "";
}

/** The file, below src, whose doc comments say what the keys of a section mean. */
function findSource(section: string): string {
  const text = readFileSync(new URL("../src/config/config.ts", import.meta.url), "utf8");
  const schema = new RegExp(`^  ${section}: (?:z\\.array\\()?(\\w+)`, "m").exec(
    text.slice(text.indexOf("configSchema =")),
  )?.[1];
  const from = new RegExp(`import \\{[^}]*\\b${schema}\\b[^}]*\\} from "\\.\\./(.+)";`).exec(
    text,
  )?.[1];
  return from ?? "config/config.ts";
}

/** The comment before each key of a file, by the key, and by the schema's name before it. */
function readComments(file: string): ReadonlyMap<string, string> {
  const text = readFileSync(new URL(`../src/${file}`, import.meta.url), "utf8");
  const blocks = text.split(/^(?:export )?const (?=\w+ =)/m);
  return new Map(
    blocks.flatMap((block) => {
      const found = [...block.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+)[:,]/g)];
      return found.flatMap(([, comment = "", key = ""]) => {
        const says = comment
          .replaceAll(/\s*\n\s*\*\s?/g, " ")
          .replaceAll("|", "\\|")
          .trim();
        return [
          [key, says],
          [`${/^\w+/.exec(block)?.[0]}.${key}`, says],
        ] as const;
      });
    }),
  );
}

/** What the table of limits in docs/operations.md says of keys. */
function readLimits(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL("../docs/operations.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| ([^|]+) \| `([\w.*]+)` \| [^|]+ \| [^|]+ \| `test\//gm)];
  return new Map(
    rows.map(([, says = "", key = ""]) => [key, `${says[0]?.toUpperCase()}${says.slice(1)}.`]),
  );
}

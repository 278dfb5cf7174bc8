import type { Config } from "../config/config.ts";
import { HIDDEN, toShownUrl } from "../outbound/shown-url.ts";
import type { JsonObject, JsonValue } from "../protocol/json.ts";

/** Where these stand in a key's name its value is a secret; a file's or a variable's name is none. */
const SECRET_KEY =
  /(secret|token|password|passphrase|credential|(?:^|_)key)(?!\w*_(?:file|env|max|ms|minute))/i;
const URL_START = /^(?:https?|wss?):\/\//i;
/** URLs whose path others know anyway. */
const PUBLIC_URLS = ["public_url", "peers"];

/**
 * Shows a configuration that is in force without what may be a secret: of a URL only where it leads, since
 * providers of nodes put their keys into paths.
 */
export function toShownConfig(config: Config): JsonObject {
  // Where relative paths began is no key.
  const { baseDir: _, ...keys } = config;
  return toShown("", JSON.parse(JSON.stringify(keys, toJson)) as JsonObject, false) as JsonObject;
}

/** Amounts are decimal strings in JSON. */
function toJson(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

function toShown(name: string, value: JsonValue, isPublic: boolean): JsonValue {
  if (typeof value === "string") return toShownText(name, value, isPublic);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => toShown(name, item, isPublic));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      toShown(key, item, isPublic || PUBLIC_URLS.includes(key)),
    ]),
  );
}

function toShownText(name: string, text: string, isPublic: boolean): string {
  if (SECRET_KEY.test(name)) return HIDDEN;
  if (!URL_START.test(text)) return text;
  const url = isPublic ? URL.parse(text) : null;
  return url === null ? toShownUrl(text) : `${url.protocol}//${url.host}${url.pathname}`;
}

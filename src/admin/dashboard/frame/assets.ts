import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Context } from "hono";
import { StewardError } from "../../../errors.ts";
import type { AdminEnv } from "../../deps.ts";

const TYPES = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
} as const;
const KEPT = "public, max-age=31536000, immutable";
const HASH_CHARS = 16;

interface Asset {
  readonly path: string;
  readonly text: string;
  readonly type: string;
}

const NAMES = ["dashboard.css", "dashboard.js", "icon.svg"] as const;
const assets = new Map(NAMES.map((name) => [name, readAsset(name)] as const));
const byPath = new Map([...assets.values()].map((asset) => [asset.path, asset] as const));

/** Where a file is served: its content's hash is in the path, so that it may be kept for good. */
export function toAssetPath(name: (typeof NAMES)[number]): string {
  return assets.get(name)?.path ?? "";
}

/**
 * Answers with a file.
 * @throws StewardError `not_found`
 */
export function serveAsset(context: Context<AdminEnv>): Response {
  const asset = byPath.get(context.req.path);
  if (asset === undefined) throw new StewardError("not_found");
  return context.body(asset.text, 200, {
    "Content-Type": asset.type,
    "Cache-Control": KEPT,
  });
}

function readAsset(name: (typeof NAMES)[number]): Asset {
  const text = readFileSync(new URL(`../assets/${name}`, import.meta.url), "utf8");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, HASH_CHARS);
  const [stem = "", ending = ""] = name.split(".");
  return {
    path: `/admin/assets/${stem}.${hash}.${ending}`,
    text,
    type: TYPES[ending as keyof typeof TYPES],
  };
}

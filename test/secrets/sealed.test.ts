import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { SecretBox } from "../../src/secrets/secret-box.ts";
import { Store } from "../../src/store/database.ts";
import { openShell, type Shell } from "../cli/support.ts";

const shell: Shell = openShell();
afterAll(() => shell[Symbol.dispose]());
const data = join(shell.dir, "data");
const ownFile = join(data, "secrets-key");
const SECRET = Buffer.from("whsec_of_somebody");
const raise = (error: unknown) => {
  throw error;
};

/** Works on the database's secrets as a steward does. */
async function withBox<T>(
  work: (box: SecretBox, store: Store) => T,
  { file, key }: { file?: string; key?: string } = {},
): Promise<T> {
  await using store = Store.open(join(data, "steward.sqlite"), {
    onFatal: raise,
    onEffectError: raise,
  });
  const secrets = file === undefined ? {} : { master_key_file: file };
  const environment = key === undefined ? {} : { STEWARD_MASTER_KEY: key };
  const sources = { secrets, environment, ownFile };
  return work(SecretBox.open({ store, now: () => 1, sources }), store);
}

/** Every row of a database. */
function dump(file: string): unknown {
  const db = new Database(file, { readonly: true });
  try {
    const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    return names.map((name) => [name, db.prepare(`SELECT * FROM "${name}"`).all()]);
  } finally {
    db.close();
  }
}

let sealed = "";

test("a secret opens after a restart for its own record alone, and not once a bit of it differs", async () => {
  expect((await shell.run(["init", "--data", data])).code).toBe(0);
  expect(statSync(ownFile).mode & 0o777).toBe(0o600);
  sealed = await withBox((box) => box.seal("webhook:1", SECRET));
  expect(sealed).toMatch(/^s1\.[0-9a-f]{16}\.[\w-]+$/);
  expect(Buffer.from(sealed.split(".")[2] ?? "", "base64url").includes(SECRET)).toBe(false);
  await withBox((box) => {
    expect(box.open("webhook:1", sealed)).toEqual(SECRET);
    expect(() => box.open("webhook:2", sealed)).toThrow(/webhook:2 cannot be opened/);
    const [version, keyId, box64 = ""] = sealed.split(".");
    const bytes = Buffer.from(box64, "base64url");
    for (let i = 0; i < bytes.length; i++) {
      const altered = Buffer.from(bytes);
      altered[i] = (altered[i] ?? 0) ^ 1;
      const text = [version, keyId, altered.toString("base64url")].join(".");
      expect(() => box.open("webhook:1", text)).toThrow(/cannot be opened/);
    }
    for (const text of ["", "s1", `${version}.${keyId}.`, `s2.${keyId}.${box64}`, `${sealed}.x`])
      expect(() => box.open("webhook:1", text)).toThrow(/cannot be opened/);
    // The same secret never gives the same text.
    expect(box.seal("webhook:1", SECRET)).not.toBe(sealed);
  });
});

test("a key that was made in a write that is taken back seals nothing afterwards", async () => {
  const file = shell.write("fresh.key", "a master key of some length");
  await withBox((_, store) => {
    store.write((write) => write.run(store.raw.prepare("DELETE FROM secret_keys")));
  });
  await withBox(
    (box, store) => {
      const lost: string[] = [];
      expect(() =>
        store.write(() => {
          lost.push(box.seal("webhook:3", SECRET));
          throw new Error("taken back");
        }),
      ).toThrow("taken back");
      const kept = box.seal("webhook:3", SECRET);
      expect(kept.split(".")[1]).not.toBe(lost[0]?.split(".")[1]);
    },
    { file },
  );
  sealed = await withBox((box) => box.seal("webhook:4", SECRET), { file });
  expect(sealed).toMatch(/^s1\./);
});

test("without its master key, or with another one, a start ends with 2, says what to do and changes nothing", async () => {
  const database = join(data, "steward.sqlite");
  const db = new Database(database);
  db.prepare(
    "INSERT INTO webhooks VALUES ('4', '', '[]', ?, NULL, NULL, 0, 'paused', '', 0, 0)",
  ).run(sealed);
  db.close();
  const before = dump(database);
  const start = (...more: string[]) => shell.run(["start", "--data", data, ...more]);
  // The database is sealed with fresh.key, which is not configured now.
  const other = await start();
  expect([other.code, other.stdout]).toEqual([2, ""]);
  expect(other.stderr).toContain(`it is not that of ${ownFile}`);
  expect(other.stderr).toMatch(/Nothing was changed\. .*secrets\.master_key_file.*backup/);
  const wrong = shell.write("wrong.key", "another master key of some length");
  const config = shell.write("wrong.json", {
    ...{ data_dir: data, http: { port: 0 }, secrets: { master_key_file: wrong } },
  });
  const told = await start("--config", config);
  expect([told.code, told.stdout]).toEqual([2, ""]);
  expect(told.stderr).toContain(`it is not that of ${wrong} or ${ownFile}`);
  renameSync(ownFile, `${ownFile}.away`);
  const gone = await start();
  expect([gone.code, gone.stdout]).toEqual([2, ""]);
  expect(gone.stderr).toContain(`there is none: ${ownFile} is gone, and none is configured`);
  // None is made in its place: it would pass for the one that is lost.
  expect(() => statSync(ownFile)).toThrow(/ENOENT/);
  renameSync(`${ownFile}.away`, ownFile);
  expect(dump(database)).toEqual(before);
  rmSync(ownFile);
  writeFileSync(ownFile, "cut", { mode: 0o600 });
  const cut = await start();
  expect([cut.code, cut.stderr]).toEqual([2, expect.stringMatching(/secrets-key holds no master/)]);
});

test("what is wrong with a master key in the environment names the variable, not the file", async () => {
  using told = openShell({ STEWARD_MASTER_KEY: "short" });
  const { code, stderr } = await told.run(["start", "--create", "--data", join(told.dir, "d")]);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /- STEWARD_MASTER_KEY: .*at least 24 characters.*, set by the environment/,
  );
});

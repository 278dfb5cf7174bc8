import { spawn } from "node:child_process";
import { appendFile, chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFileLedger } from "../../src/cli/agent/file-ledger.ts";
import type { LedgerEntry } from "../../src/client/requests/ledger.ts";

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ledger-"));
  path = join(directory, "payments.jsonl");
});

afterEach(() => rm(directory, { recursive: true }));

function createEntry(n: number, changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    requestKey: `0x${n.toString(16).padStart(64, "0")}`,
    requestId: `req_${n}`,
    zoneId: "zone_x",
    chainId: 31337,
    token: "0xt",
    from: "0xf",
    recipient: "0xr",
    creatorFeeBps: 0,
    amount: "1",
    nonce: `0x${"ab".repeat(32)}`,
    validBefore: 1,
    authorization: { from: "0xf" },
    state: "authorized",
    ...changes,
  };
}

test("what was put is there after the ledger is opened again, the last state counting", async () => {
  const entry = createEntry(1);
  {
    await using ledger = await openFileLedger(path);
    expect(await ledger.get(entry.requestKey)).toBeUndefined();
    await ledger.put(entry.requestKey, entry);
    await ledger.put(createEntry(2).requestKey, createEntry(2));
    await ledger.put(entry.requestKey, { ...entry, state: "settled", txHash: "0x1" });
  }
  await using ledger = await openFileLedger(path);
  expect(await ledger.get(entry.requestKey)).toEqual({ ...entry, state: "settled", txHash: "0x1" });
  expect(await ledger.get(createEntry(2).requestKey)).toEqual(createEntry(2));
});

test("the file is readable by its owner only, and refused where it is not", async () => {
  await (await openFileLedger(path)).close();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await chmod(path, 0o640);
  await expect(openFileLedger(path)).rejects.toMatchObject({ code: "ledger_failed" });
});

test("a line torn by a crash is skipped, and what follows it is kept", async () => {
  {
    await using ledger = await openFileLedger(path);
    await ledger.put(createEntry(1).requestKey, createEntry(1));
  }
  const whole = await readFile(path, "utf8");
  for (const torn of [whole.slice(0, 40), whole.trimEnd().slice(0, -1), '{"a":{}']) {
    await writeFile(path, whole + torn, { mode: 0o600 });
    {
      await using ledger = await openFileLedger(path);
      expect(await ledger.get(createEntry(1).requestKey)).toEqual(createEntry(1));
      await ledger.put(createEntry(2).requestKey, createEntry(2));
      expect(await ledger.get(createEntry(2).requestKey)).toEqual(createEntry(2));
    }
    await using again = await openFileLedger(path);
    expect(await again.get(createEntry(1).requestKey)).toEqual(createEntry(1));
    expect(await again.get(createEntry(2).requestKey)).toEqual(createEntry(2));
  }
});

test("a damaged line stops the ledger: it may hide an authorization", async () => {
  {
    await using ledger = await openFileLedger(path);
    await ledger.put(createEntry(1).requestKey, createEntry(1));
  }
  const text = await readFile(path, "utf8");
  await writeFile(path, `${text.replace('"nonce"', '"n0nce"')}${text}`, { mode: 0o600 });
  await expect(openFileLedger(path)).rejects.toMatchObject({ code: "ledger_failed" });
});

test("lines of another process are seen before a get, and one cut short is noticed", async () => {
  await using ledger = await openFileLedger(path);
  await ledger.put(createEntry(1).requestKey, createEntry(1));
  await appendFile(path, `${JSON.stringify(createEntry(2))}\n`);
  expect(await ledger.get(createEntry(2).requestKey)).toEqual(createEntry(2));
  await writeFile(path, "");
  await expect(ledger.get(createEntry(2).requestKey)).rejects.toMatchObject({
    code: "ledger_failed",
  });
});

test("after kill -9 every entry whose put resolved is in the file", async () => {
  const script = `
    const { openFileLedger } = await import(${JSON.stringify(new URL("../../src/cli/agent/file-ledger.ts", import.meta.url).href)});
    const ledger = await openFileLedger(process.argv[1]);
    const base = JSON.parse(process.argv[2]);
    for (let n = 0; ; n++) {
      const entry = { ...base, requestKey: "key" + n };
      await ledger.put(entry.requestKey, entry);
      process.stdout.write(n + "\\n");
    }`;
  const node = join(import.meta.dirname, "../../node_modules/.bin/node");
  const args = ["--input-type=module", "-e", script, path, JSON.stringify(createEntry(0))];
  const child = spawn(node, args, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8");
  await new Promise<void>((resolve) => {
    child.stdout.on("data", (text: string) => {
      printed += text;
      if (printed.split("\n").length > 50) child.kill("SIGKILL");
    });
    child.on("close", () => resolve());
  });
  const last = Number(printed.trimEnd().split("\n").at(-1));
  expect(last).toBeGreaterThan(40);
  await using ledger = await openFileLedger(path);
  for (let n = 0; n <= last; n++) expect(await ledger.get(`key${n}`)).toBeDefined();
});

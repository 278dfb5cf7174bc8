import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { MACHINE_NODE, UserShell } from "../support/user-shell.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TITLE = "## From an empty wallet to the first payment";
const PORTS = ["8545", "9100", "8420"];

test("the lines of docs/operations.md lead from an empty folder to a payment and a restart", async () => {
  await using shell = new UserShell();
  // Ports of its own: others may use the documented ones on this machine.
  const ports = await findFreePorts(PORTS.length);
  const script = PORTS.reduce(
    (text, port, index) => text.replaceAll(port, `${ports[index]}`),
    readScript(),
  );
  const bin = join(shell.home, "bin");
  mkdirSync(bin);
  const command = `#!/bin/sh\nexec "${MACHINE_NODE}" "${join(ROOT, "bin/steward.mjs")}" "$@"\n`;
  writeFileSync(join(bin, "steward"), command, { mode: 0o755 });
  symlinkSync(join(ROOT, "node_modules/.bin/anvil"), join(bin, "anvil"));
  // Each job is a group of its own: what it started ends with it.
  const end = 'for job in $(jobs -p); do kill -- "-$job" 2>/dev/null; done; wait';
  const head = `set -em\ntrap '${end}' EXIT\n`;
  const port = `anvil() { command anvil --port ${ports[0]} "$@"; }\n`;
  const path = [bin, shell.env.PATH].join(delimiter);
  const { code, stdout, stderr } = await shell.spawn("/bin/bash", ["-c", head + port + script], {
    env: {
      PATH: path,
      STEWARD_HTTP__PORT: `${ports[2]}`,
      STEWARD_URL: `http://127.0.0.1:${ports[2]}`,
    },
  }).ended;
  expect([code, code === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
  expect(stdout).toContain("chain 31337 (anvil): ready");
  expect(stdout.match(/\{"text":"HELLO"\}/g)).toHaveLength(2);
  expect(stdout).toMatch(/250000/);
});

/** The blocks of the section, one after the other, without the list's indent. */
function readScript(): string {
  const text = readFileSync(join(ROOT, "docs/operations.md"), "utf8");
  const [, section = ""] = text.split(`${TITLE}\n`);
  const [own = ""] = section.split("\n## ");
  const blocks = own.matchAll(/^ {3}```sh\n([\s\S]*?)^ {3}```$/gm);
  return [...blocks].map(([, block = ""]) => block.replace(/^ {3}/gm, "")).join("");
}

async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.once("listening", () => {
            const address = server.address();
            resolve(typeof address === "object" && address ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

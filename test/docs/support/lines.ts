import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { MACHINE_NODE, UserShell } from "../../support/user-shell.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** A section of the documentation whose lines a reader copies. */
export interface DocumentedLines {
  /** Below the checkout. */
  readonly file: string;
  /** Its heading, hashes included. */
  readonly title: string;
  /** The ports in it: free ones stand in their place, as others may use them on this machine. */
  readonly ports: readonly string[];
}

/**
 * Runs a section's shell blocks, one after the other, in an empty folder with `steward` and `anvil` on the
 * PATH; what they leave running ends with them.
 * @param toHead lines before them, and variables, for the ports that stand in
 * @returns what they printed; a line that fails fails the test
 */
export async function runLines(
  lines: DocumentedLines,
  toHead: (ports: readonly number[]) => {
    readonly head?: string;
    readonly env?: Record<string, string>;
  } = () => ({}),
): Promise<string> {
  await using shell = new UserShell();
  const ports = await findFreePorts(lines.ports.length);
  const script = lines.ports.reduce(
    (text, port, index) => text.replaceAll(port, `${ports[index]}`),
    readScript(lines),
  );
  const bin = join(shell.home, "bin");
  mkdirSync(bin);
  const command = `#!/bin/sh\nexec "${MACHINE_NODE}" "${join(ROOT, "bin/steward.mjs")}" "$@"\n`;
  writeFileSync(join(bin, "steward"), command, { mode: 0o755 });
  symlinkSync(join(ROOT, "node_modules/.bin/anvil"), join(bin, "anvil"));
  // Each job is a group of its own: what it started ends with it.
  const end = 'for job in $(jobs -p); do kill -- "-$job" 2>/dev/null; done; wait';
  const { head = "", env = {} } = toHead(ports);
  const text = `set -em\ntrap '${end}' EXIT\n${head}${script}`;
  const path = [bin, shell.env.PATH].join(delimiter);
  const { code, stdout, stderr } = await shell.spawn("/bin/bash", ["-c", text], {
    env: { PATH: path, ...env },
  }).ended;
  expect([code, code === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
  return stdout;
}

/** The blocks of the section, one after the other, without the list's indent. */
function readScript({ file, title }: DocumentedLines): string {
  const text = readFileSync(join(ROOT, file), "utf8");
  const [, section = ""] = text.split(`${title}\n`);
  const [own = ""] = section.split("\n## ");
  const blocks = own.matchAll(/^ {3}```sh\n([\s\S]*?)^ {3}```$/gm);
  return [...blocks].map(([, block = ""]) => block.replace(/^ {3}/gm, "")).join("");
}

/** Below those that systems give to whoever asks for any, as other tests do meanwhile. */
const PORTS = { from: 12_000, to: 32_000 };

async function findFreePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

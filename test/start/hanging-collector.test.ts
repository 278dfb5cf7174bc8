import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { StewardProcess } from "../support/steward-process.ts";

/** A stop takes no longer, whatever the collector does. */
const STOP_MS = 3000;
const TCP_TABLE = "/proc/net/tcp";

/** Starts a steward that posts to a port, stops it while it waits for an answer. */
async function stopWhilePosting(port: number, isPosting: Promise<unknown> | (() => void)) {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-collector-"));
  try {
    const tracing = { otlp_url: `http://127.0.0.1:${port}/v1/traces`, interval_ms: 10 };
    const config = { http: { port: 0 }, log: { level: "fatal" }, tracing };
    const steward = await StewardProcess.start({ dataDir, config });
    expect((await steward.api("GET", "/v1/zones")).status).toBe(200);
    await (typeof isPosting === "function" ? vi.waitFor(isPosting) : isPosting);
    // It waits for the next post.
    expect((await steward.api("GET", "/v1/zones")).status).toBe(200);
    const askedMs = performance.now();
    process.kill(steward.pid, "SIGTERM");
    expect(await steward.ended).toBe(0);
    expect(performance.now() - askedMs).toBeLessThan(STOP_MS);
    expect(existsSync(join(dataDir, "steward.sqlite-wal"))).toBe(false);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

test("a collector that accepts and never answers holds up no stop: the store is closed, and the code is 0", async () => {
  await using collector = createServer((socket) => socket.on("error", () => {}).resume());
  await once(collector.listen(0, "127.0.0.1"), "listening");
  await stopWhilePosting((collector.address() as AddressInfo).port, once(collector, "connection"));
});

test.runIf(existsSync(TCP_TABLE))("nor does one that does not even accept", async () => {
  const listen = `require("node:net").createServer().listen(
    { port: 0, host: "127.0.0.1", backlog: 1 }, function () { console.log(this.address().port); })`;
  const silent = spawn(process.execPath, ["-e", listen], { stdio: ["ignore", "pipe", "inherit"] });
  const port = Number(String((await once(silent.stdout, "data"))[0]).trim());
  silent.kill("SIGSTOP");
  // The kernel answers for it to so many as it has room for.
  const room = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  try {
    await Promise.all(
      room.map((socket) =>
        once(
          socket.on("error", () => {}),
          "connect",
        ),
      ),
    );
    const opening = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 02 `;
    await stopWhilePosting(port, () => expect(readFileSync(TCP_TABLE, "utf8")).toContain(opening));
  } finally {
    for (const socket of room) socket.destroy();
    silent.kill("SIGKILL");
  }
});

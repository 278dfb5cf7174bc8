import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startAnvil } from "../../src/dev/anvil.ts";
import { startTestChain } from "../support/anvil.ts";

const MODULE = fileURLToPath(new URL("../../src/dev/anvil.ts", import.meta.url));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const mined = async (rpcUrl: string): Promise<boolean> =>
  fetch(rpcUrl, { method: "POST", body: "{}" }).then(
    () => true,
    () => false,
  );

it("starts chains side by side on free ports and stops each without a trace", async () => {
  const [first, second] = await Promise.all([startTestChain(), startTestChain()]);
  expect(first.rpcUrl).not.toBe(second.rpcUrl);
  await first[Symbol.asyncDispose]();
  expect(isAlive(first.anvil.pid)).toBe(false);
  expect(await second.client.getChainId()).toBe(31337);
  await second[Symbol.asyncDispose]();
  expect(await mined(second.rpcUrl)).toBe(false);
});

it("says so when the port is taken", async () => {
  await using anvil = await startAnvil();
  await expect(startAnvil({ port: anvil.port })).rejects.toThrow(/Address already in use/);
});

it("goes back to a snapshot", async () => {
  await using chain = await startTestChain();
  const address = "0x000000000000000000000000000000000000dEaD";
  const id = await chain.snapshot();
  await chain.rpc("anvil_setBalance", [address, "0x5"]);
  expect(await chain.client.getBalance({ address })).toBe(5n);
  await chain.revert(id);
  expect(await chain.client.getBalance({ address })).toBe(0n);
  await expect(chain.revert("0xffff")).rejects.toThrow();
});

it("notices that anvil ended by itself", async () => {
  const anvil = await startAnvil();
  process.kill(anvil.pid, "SIGKILL");
  await anvil.exited;
  await anvil.stop();
});

it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
  "leaves no anvil behind when its parent dies of %s",
  async (signal) => {
    const script = `import { startAnvil } from ${JSON.stringify(MODULE)};
    const anvil = await startAnvil(); console.log(JSON.stringify({ pid: anvil.pid, url: anvil.rpcUrl }));
    setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface(parent.stdout), "line")) as [string];
    const { pid, url } = JSON.parse(line) as { pid: number; url: string };
    expect(isAlive(pid)).toBe(true);
    parent.kill(signal);
    await once(parent, "exit");
    await expect.poll(() => mined(url), { interval: 5, timeout: 5_000 }).toBe(false);
  },
);

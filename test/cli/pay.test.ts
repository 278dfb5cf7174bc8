import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startDevWorld } from "../../src/dev/world.ts";
import type { Reply } from "../support/wire-client.ts";
import { openShell } from "./support.ts";

test("an agent pays for an action from the shell, at most what it allows, and once", async () => {
  using files = openShell();
  const dataDir = join(files.dir, "world");
  await using world = await startDevWorld({ dataDir, blockTimeSecs: 0.1, logLevel: "warn" });
  const [walletKey] = world.fundedKeys;
  using shell = openShell({
    STEWARD_URL: world.steward.httpUrl,
    STEWARD_TOKEN: world.adminToken,
    STEWARD_WALLET_KEY: walletKey ?? "",
  });
  const { usdc, settlement, escrow } = world.contracts;
  const chain = { usdc, settlement, escrow, rpc_url: world.rpcUrl };
  const chains = shell.write("chains.json", { "31337": chain });
  const as = (...args: string[]) => ["agent", ...args, "--key", "payer"];
  await shell.json(as("keygen"));
  await shell.json(as("join", world.zone.id));
  const params = JSON.stringify({ text: "Hello world", source_lang: "en", target_lang: "de" });
  const request = as("request", world.zone.id, "translate", params, "--request-id", "req_paid");

  const [unpaid, nameless, dear] = [
    await shell.run(request),
    await shell.run([...request, "--max-amount", "2000000"]),
    await shell.run([...request, "--max-amount", "1999999", "--chains", chains]),
  ];
  expect(unpaid).toMatchObject({ code: 1, stdout: "" });
  expect(unpaid.stderr).toMatch(/costs 2000000 units of USDC[\s\S]*--max-amount 2000000/);
  expect(nameless).toMatchObject({ code: 2, stderr: expect.stringContaining("--chains") });
  expect(dear).toMatchObject({ code: 1, stderr: expect.stringContaining("price_too_high") });

  const pay = [...request, "--max-amount", "2000000", "--chains", chains];
  const paid = await shell.json(pay);
  expect(paid).toMatchObject({ request_id: "req_paid", settlement: { amount: "2000000" } });
  const [again, receipt, list] = await Promise.all([
    shell.json(pay),
    shell.json(as("receipt", "req_paid")),
    shell.json(["settlement", "list", "--zone", world.zone.id]),
  ]);
  expect(again).toEqual(paid);
  expect(receipt).toEqual(paid);
  const settled = list.payments.filter((payment: Reply) => payment.settlement !== null);
  expect(settled).toMatchObject([{ settlement: { tx_hash: paid.settlement.tx_hash } }]);
  const table = await shell.run(["settlement", "list", "--zone", world.zone.id]);
  expect(table.stdout).toMatch(/ 2 USDC /);
  const shown = await shell.json(["settlement", "show", settled[0].id]);
  expect(shown.amount).toBe("2000000");
  expect(shown.history.map(({ state }: Reply) => state)).toContain("delivered");

  const ledger = readFileSync(join(shell.dir, "payer.ledger"), "utf8");
  expect(ledger).toContain(paid.settlement.tx_hash);
  expect(ledger).not.toContain((walletKey ?? "").slice(2));
  rmSync(join(shell.dir, "payer.ledger"));
});

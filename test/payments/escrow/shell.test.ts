import { join } from "node:path";
import { createPublicClient, type Hex, http } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { expect, test } from "vitest";
import { Agent, createMemoryLedger } from "../../../src/client/agent.ts";
import { startDevWorld } from "../../../src/dev/world.ts";
import { openShell } from "../../cli/support.ts";
import { signOp } from "./support/escrow-steward.ts";

/** A local world and a shell of its operator and of an agent that joined its zone. */
async function openEscrowShell(dir: string) {
  const dataDir = join(dir, "world");
  const world = await startDevWorld({ dataDir, blockTimeSecs: 0.1, logLevel: "warn" });
  const walletKey = world.fundedKeys[0] as Hex;
  const shell = openShell({
    STEWARD_URL: world.steward.httpUrl,
    STEWARD_TOKEN: world.adminToken,
    STEWARD_WALLET_KEY: walletKey,
  });
  const { usdc, settlement, escrow } = world.contracts;
  const chains = shell.write("chains.json", {
    "31337": { usdc, settlement, escrow, rpc_url: world.rpcUrl },
  });
  const as = (...args: string[]) => ["agent", ...args, "--key", "payer", "--chains", chains];
  const params = JSON.stringify({ text: "one one two" });
  const request = [...as("request", world.zone.id, "audit", params), "--max-amount", "5000000"];
  await shell.json(["agent", "keygen", "--key", "payer"]);
  await shell.json(["agent", "join", world.zone.id, "--key", "payer"]);
  return {
    world,
    shell,
    as,
    request,
    wallet: privateKeyToAccount(walletKey),
    client: createPublicClient({ transport: http(world.rpcUrl), cacheTime: 0 }),
    [Symbol.asyncDispose]: async () => {
      shell[Symbol.dispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

test("from the shell: payers list, release and dispute, operators list, show, carry and refund", async () => {
  using files = openShell();
  await using opened = await openEscrowShell(files.dir);
  const { shell, as, wallet, client } = opened;
  const gas = await client.getBalance({ address: wallet.address });
  const deposit = () => shell.json(opened.request);
  const first = await deposit();
  expect(first).toMatchObject({
    result: { words: 3, repeated: ["one"] },
    escrow: { status: "deposited", amount: "5000000" },
  });
  const released = await shell.json(as("release", first.escrow.escrow_id));
  expect(released).toMatchObject({ status: "released", recipient_amount: "4945000" });

  const second = await deposit();
  const id = second.escrow.escrow_id as string;
  expect(await shell.json(as("dispute", id))).toMatchObject({ status: "disputed" });
  expect(await shell.json(as("escrow", id))).toMatchObject({ status: "disputed" });
  expect((await shell.json(["escrow", "show", id])).status).toBe("disputed");
  expect((await shell.run(as("refund", id))).code).toBe(1);
  expect(await shell.json(["escrow", "refund", id])).toMatchObject({ status: "refunded" });

  const third = (await deposit()).escrow;
  const wrong = await signOp(wallet, "Release", third, { amount: "1" });
  expect((await shell.run(["escrow", "release", third.escrow_id, "--signature", wrong])).code).toBe(
    1,
  );
  const signature = await signOp(wallet, "Release", third);
  expect(
    await shell.json(["escrow", "release", third.escrow_id, "--signature", signature]),
  ).toMatchObject({ status: "released" });
  const fourth = (await deposit()).escrow;
  expect(await shell.json(["escrow", "dispute", fourth.escrow_id])).toMatchObject({
    status: "disputed",
  });
  const listed = await shell.json(["escrow", "list", "--status", "released"]);
  expect(listed.escrows.map((one: { escrow_id: string }) => one.escrow_id).sort()).toEqual(
    [first.escrow.escrow_id, third.escrow_id].sort(),
  );
  expect((await shell.json(as("escrows"))).escrows).toHaveLength(4);
  expect(await client.getBalance({ address: wallet.address })).toBe(gas);
});

test("from the shell: a deposit is pending until it is mined, and failed without the money", async () => {
  using files = openShell();
  await using opened = await openEscrowShell(files.dir);
  const { shell, as, world, client } = opened;
  const listener = shell.listen(["agent", "listen", world.zone.id, "--key", "payer"]);
  await listener.next("listening");
  await client.request({ method: "evm_setIntervalMining", params: [0] } as never);
  const paying = shell.json(opened.request);
  const { escrow } = await listener.next("escrow");
  const id = escrow.escrow_id as string;
  const pending = { escrow_id: id, status: "pending_deposit" };
  expect(escrow).toMatchObject(pending);
  expect(await shell.json(as("escrow", id))).toMatchObject(pending);
  expect((await shell.json(as("escrows"))).escrows).toMatchObject([pending]);
  const list = (status: string) => shell.json(["escrow", "list", "--status", status]);
  expect((await list("pending_deposit")).escrows).toMatchObject([pending]);
  expect((await shell.run(as("release", id))).stderr).toContain("ESCROW_STATE");
  await client.request({ method: "evm_setIntervalMining", params: [1] } as never);
  expect((await paying).escrow).toMatchObject({ escrow_id: id, status: "deposited" });
  expect((await listener.next("escrow")).escrow).toMatchObject({ status: "deposited" });

  const empty = shell.write("empty", generatePrivateKey());
  const poor = (args: string[]) => [...args, "--wallet-key-file", empty];
  const refused = await shell.run(poor(opened.request));
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("INSUFFICIENT_BALANCE");
  const { escrows } = await list("failed");
  expect(escrows).toMatchObject([{ status: "failed", amount: "5000000" }]);
  const failed = escrows[0].escrow_id as string;
  expect(await shell.json(["escrow", "show", failed])).toMatchObject({ status: "failed" });
  expect(await shell.json(as("escrow", failed))).toMatchObject({ status: "failed" });
  expect((await shell.run(poor(as("release", failed)))).stderr).toContain("ESCROW_STATE");
  expect(await listener.interrupt()).toBe(0);
});

test("an agent signs only for its own chains' escrow contract, with the depositor's wallet", async () => {
  await using world = await startDevWorld({ blockTimeSecs: 0.1, logLevel: "warn" });
  const [payer, other] = world.fundedKeys;
  if (payer === undefined || other === undefined) throw new Error("no funded keys");
  const { usdc, settlement, escrow } = world.contracts;
  const key = crypto.getRandomValues(new Uint8Array(32));
  const connect = (wallet: `0x${string}`, contract: string, ledger = createMemoryLedger()) =>
    Agent.connect(world.steward.wireUrl, {
      ...{ key, name: "payer", wallet, ledger },
      chains: { 31337: { usdc, settlement, escrow: contract } },
    });
  await using honest = await connect(payer, escrow);
  await honest.join(world.zone.id);
  const news: string[] = [];
  honest.on("escrow", (change) => news.push(change.escrow.status));
  const done = await honest.request(
    world.zone.id,
    "audit",
    { text: "a" },
    { pay: { maxAmount: 5_000_000n } },
  );
  const id = done.escrow?.escrow_id ?? "";
  await using elsewhere = await connect(payer, settlement);
  await expect(elsewhere.escrows.release(id)).rejects.toMatchObject({ code: "receipt_invalid" });
  await using stranger = await connect(other, escrow);
  await expect(stranger.escrows.release(id)).rejects.toMatchObject({ code: "invalid_input" });
  await expect(honest.escrows.refund(id)).rejects.toMatchObject({ code: "payment_invalid" });
  expect((await honest.escrows.get(id)).status).toBe("deposited");
  expect((await honest.escrows.release(id)).status).toBe("released");
  await expect(honest.escrows.dispute(id)).rejects.toMatchObject({ code: "payment_invalid" });
  expect(news.slice(0, 2)).toEqual(["pending_deposit", "deposited"]);
});

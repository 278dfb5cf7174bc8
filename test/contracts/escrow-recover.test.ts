import type { Hex } from "viem";
import { encodeFunctionData } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
import { KIND_RECEIVE, KIND_TRANSFER } from "../support/contracts/authorization.ts";
import { cancelCall } from "../support/contracts/settlement.ts";
import { escrowTermsNonce, random32 } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, startWorld } from "../support/contracts/world.ts";
import type { Deposit, DepositInput } from "./support/escrow.ts";
import {
  authorizeDeposit,
  buildDeposit,
  depositCall,
  deposited,
  escrowOf,
  frontRunDepositCall,
  recoverDepositCall,
  reservedOf,
  ruleCall,
  STATUS,
  WEEK,
} from "./support/escrow.ts";

let world: World;
let snapshot: Hex;
beforeAll(async () => {
  world = await startWorld();
  await world.mint(people.payer.address, 1_000_000_000n);
  await world.mint(people.stranger.address, 1_000_000_000n);
  snapshot = await world.chain.snapshot();
});
beforeEach(async () => {
  await world.chain.revert(snapshot);
  snapshot = await world.chain.snapshot();
});
afterAll(() => world[Symbol.asyncDispose]());

async function frontRun(input: DepositInput = {}): Promise<Deposit> {
  const deposit = await buildDeposit(world, { ...input, kind: KIND_TRANSFER });
  const receipt = await world.send(frontRunDepositCall(world, deposit));
  if (receipt.status !== "success") throw new Error("front run reverted");
  return deposit;
}

async function strandMoney(amount: bigint): Promise<void> {
  const args = [world.escrow, amount] as const;
  const data = encodeFunctionData({ abi: testUsdcAbi, functionName: "transfer", args });
  await world.send({ from: people.stranger, to: world.usdc, data });
}

const recover = (deposit: Deposit, from = people.recoverer) =>
  recoverDepositCall(world, deposit, from);

describe("recovery of a front-run deposit", () => {
  it("opens the escrow by its terms, and from then on it is like any other", async () => {
    const deposit = await frontRun();
    const { terms, escrowId } = deposit;
    expect(await world.refusalOf(depositCall(world, deposit))).toBe("ERC3009UsedAuthorization");
    const receipt = await world.send(recover(deposit));
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      {
        eventName: "Recovered",
        args: {
          nonce: escrowTermsNonce(terms),
          payer: people.payer.address,
          escrowId,
          amount: 5_000_000n,
        },
      },
      {
        eventName: "Deposited",
        args: { escrowId, depositor: people.payer.address, amount: 5_000_000n },
      },
    ]);
    expect(await reservedOf(world)).toBe(5_000_000n);
    expect((await world.send(ruleCall(world, "release", escrowId, people.payer))).status).toBe(
      "success",
    );
    expect(await world.balanceOf(world.escrow)).toBe(0n);
  });

  it("works after the payment deadline, and after the escrow's own: then anyone may refund", async () => {
    const before = await world.balanceOf(people.payer.address);
    const deposit = await frontRun();
    await world.chain.setNextBlockTime(deposit.terms.escrowDeadline + WEEK);
    expect((await world.send(recover(deposit))).status).toBe("success");
    const refund = await world.send(ruleCall(world, "refund", deposit.escrowId, people.stranger));
    expect(refund.status).toBe("success");
    expect(await world.balanceOf(people.payer.address)).toBe(before);
  });

  it("gives the money back where another deposit took the id meanwhile", async () => {
    const taskId = random32();
    const before = await world.balanceOf(people.payer.address);
    const stuck = await frontRun({ taskId });
    const other = await deposited(world, { taskId, base: { amount: 3_000_000n } });
    const receipt = await world.send(recover(stuck));
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      {
        eventName: "Returned",
        args: {
          nonce: escrowTermsNonce(stuck.terms),
          payer: people.payer.address,
          escrowId: other.escrowId,
          amount: 5_000_000n,
        },
      },
    ]);
    expect(await world.balanceOf(people.payer.address)).toBe(before - 3_000_000n);
    expect(await reservedOf(world)).toBe(3_000_000n);
    expect(await world.refusalOf(recover(stuck))).toBe("AlreadyRecovered");
    expect(await escrowOf(world, other.escrowId)).toMatchObject({
      status: STATUS.deposited,
      amount: 3_000_000n,
    });
  });
});

describe("thefts that the escrow's recover stops", () => {
  it("a caller that is no recoverer", async () => {
    const deposit = await frontRun();
    for (const from of [people.stranger, people.payer, people.recipient, people.deployer]) {
      expect(await world.refusalOf(recover(deposit, from))).toBe("NotRecoverer");
    }
  });

  it("a second recovery, before and after the escrow ended", async () => {
    await strandMoney(50_000_000n);
    const deposit = await frontRun();
    await world.send(recover(deposit));
    expect(await world.refusalOf(recover(deposit))).toBe("AlreadyRecovered");
    await world.send(ruleCall(world, "refund", deposit.escrowId, people.recipient));
    expect(await world.refusalOf(recover(deposit))).toBe("AlreadyRecovered");
    expect(await world.balanceOf(world.escrow)).toBe(50_000_000n);
  });

  it("a deposit that was made normally, held or ended, even with stuck money there", async () => {
    await strandMoney(50_000_000n);
    const deposit = await deposited(world, { kind: KIND_TRANSFER });
    expect(await world.refusalOf(recover(deposit))).toBe("AlreadyDeposited");
    await world.send(ruleCall(world, "release", deposit.escrowId, people.payer));
    expect(await world.refusalOf(recover(deposit))).toBe("AlreadyDeposited");
    expect(await world.balanceOf(world.escrow)).toBe(50_000_000n);
  });

  it("held deposits: a cancelled authorization finds no surplus", async () => {
    await deposited(world, { base: { amount: 100_000_000n } });
    const deposit = await buildDeposit(world, { kind: KIND_TRANSFER });
    const data = await cancelCall(world, people.payer, escrowTermsNonce(deposit.terms));
    await world.send({ from: people.payer, to: world.usdc, data });
    expect(await world.refusalOf(recover(deposit))).toBe("InsufficientSurplus");
    await strandMoney(4_999_999n);
    expect(await world.refusalOf(recover(deposit))).toBe("InsufficientSurplus");
  });

  it("an authorization that was not used, was not signed, or is of the other kind", async () => {
    await strandMoney(50_000_000n);
    const unused = await buildDeposit(world, { kind: KIND_TRANSFER });
    expect(await world.refusalOf(recover(unused))).toBe("NotUsed");
    const used = await frontRun();
    const { terms } = used;
    const forged = await authorizeDeposit(world, terms, {
      kind: KIND_TRANSFER,
      signer: people.stranger,
      from: people.payer.address,
    });
    expect(await world.refusalOf(recover({ ...used, authorization: forged }))).toBe(
      "InvalidSignature",
    );
    const receive = await authorizeDeposit(world, terms, { kind: KIND_RECEIVE });
    expect(await world.refusalOf(recover({ ...used, authorization: receive }))).toBe("WrongKind");
    const mislabelled = { ...receive, kind: KIND_TRANSFER };
    expect(await world.refusalOf(recover({ ...used, authorization: mislabelled }))).toBe(
      "InvalidSignature",
    );
  });

  it("terms that deposit would refuse", async () => {
    const used = await frontRun();
    const { terms, request } = used;
    const moved = { ...request, taskId: random32() };
    expect(await world.refusalOf(recover({ ...used, request: moved }))).toBe("WrongRequest");
    const direct = { ...terms, base: { ...terms.base, mode: 0 } };
    expect(await world.refusalOf(recover({ ...used, terms: direct }))).toBe("WrongMode");
    const judge = { ...terms, arbiter: people.stranger.address };
    expect(await world.refusalOf(recover({ ...used, terms: judge }))).toBe("NotUsed");
  });
});

import type { Hex } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { zoneEscrowAbi } from "../../src/abi/zone-escrow.generated.ts";
import { deployContracts } from "../../src/contracts/deploy.ts";
import { ANVIL_KEYS } from "../../src/dev/anvil.ts";
import {
  asWalletSignature,
  KIND_RECEIVE,
  KIND_TRANSFER,
} from "../support/contracts/authorization.ts";
import { authorize, buildTerms, settleCall } from "../support/contracts/settlement.ts";
import { escrowTermsNonce, random32, termsNonce } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, startWorld } from "../support/contracts/world.ts";
import type { Deposit } from "./support/escrow.ts";
import {
  authorizeDeposit,
  buildDeposit,
  depositCall,
  deposited,
  escrowOf,
  reservedOf,
  ruleCall,
  STATUS,
} from "./support/escrow.ts";
import { deployHelper } from "./support/helpers.ts";

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

const refusal = (deposit: Deposit) => world.refusalOf(depositCall(world, deposit));

describe("deposit", () => {
  it("computes the nonce and the escrow id of protocol.md §8", async () => {
    const { terms, request, escrowId } = await buildDeposit(world, {
      arbiter: people.arbiter.address,
    });
    const contract = { address: world.escrow, abi: zoneEscrowAbi } as const;
    const nonce = await world.chain.client.readContract({
      ...contract,
      functionName: "nonceOf",
      args: [terms],
    });
    expect(nonce).toBe(escrowTermsNonce(terms));
    const id = await world.chain.client.readContract({
      ...contract,
      functionName: "escrowIdOf",
      args: [people.payer.address, request.taskId],
    });
    expect(id).toBe(escrowId);
  });

  it.each([
    ["receive", KIND_RECEIVE],
    ["transfer", KIND_TRANSFER],
  ])("holds the amount of a %s authorization, whoever carries it", async (_, kind) => {
    const deposit = await buildDeposit(world, { kind, arbiter: people.arbiter.address });
    const receipt = await world.send(depositCall(world, deposit, people.stranger));
    const { terms, request, escrowId } = deposit;
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      {
        eventName: "Deposited",
        args: {
          escrowId,
          depositor: people.payer.address,
          recipient: people.recipient.address,
          nonce: escrowTermsNonce(terms),
          zoneKey: terms.base.zoneKey,
          taskId: request.taskId,
          creator: people.creator.address,
          creatorFeeBps: 100,
          amount: 5_000_000n,
          deadline: terms.escrowDeadline,
          arbiter: people.arbiter.address,
        },
      },
    ]);
    expect(await escrowOf(world, escrowId)).toEqual({
      depositor: people.payer.address,
      status: STATUS.deposited,
      creatorFeeBps: 100,
      deadline: terms.escrowDeadline,
      recipient: people.recipient.address,
      nonceTag: escrowTermsNonce(terms).slice(0, 26),
      amount: 5_000_000n,
      creator: people.creator.address,
      arbiter: people.arbiter.address,
    });
    expect(await reservedOf(world)).toBe(5_000_000n);
    expect(await world.balanceOf(world.escrow)).toBe(5_000_000n);
    expect(await world.balanceOf(people.treasury.address)).toBe(0n);
  });

  it("takes a smart account's deposit", async () => {
    const wallet = await deployHelper(world, "SmartWallet", [people.other.address]);
    await world.mint(wallet, 10_000_000n);
    const deposit = await buildDeposit(world, { signer: people.other, from: wallet });
    const signed = { ...deposit, authorization: asWalletSignature(deposit.authorization) };
    expect((await world.send(depositCall(world, signed))).status).toBe("success");
    expect(await escrowOf(world, deposit.escrowId)).toMatchObject({
      depositor: wallet,
      status: STATUS.deposited,
    });
  });
});

describe("an escrow id", () => {
  it("is used once for ever: while held, after release and after refund", async () => {
    const taskId = random32();
    const first = await deposited(world, { taskId });
    expect(await refusal(await buildDeposit(world, { taskId }))).toBe("EscrowInUse");
    expect(await refusal(first)).toBe("EscrowInUse");
    await world.send(ruleCall(world, "release", first.escrowId, people.payer));
    expect(await refusal(await buildDeposit(world, { taskId }))).toBe("EscrowInUse");
    const second = await deposited(world);
    await world.send(ruleCall(world, "refund", second.escrowId, people.recipient));
    const { taskId: again } = second.request;
    expect(await refusal(await buildDeposit(world, { taskId: again }))).toBe("EscrowInUse");
  });

  it("belongs to its depositor: somebody else's deposit for the same task has another", async () => {
    const taskId = random32();
    const first = await deposited(world, { taskId });
    const second = await deposited(world, { taskId, signer: people.stranger });
    expect(second.escrowId).not.toBe(first.escrowId);
  });
});

describe("one authorization, one contract", () => {
  it("settle does not take a deposit's authorization, nor deposit a settlement's", async () => {
    const deposit = await buildDeposit(world, { kind: KIND_TRANSFER });
    const { base } = deposit.terms;
    for (const terms of [base, { ...base, verifyingContract: world.settlement, mode: 0 }]) {
      const data = settleCall(terms, deposit.authorization);
      const error = terms === base ? "WrongContract" : "ERC3009InvalidSignature";
      expect(await world.refusalOf({ from: people.carrier, to: world.settlement, data })).toBe(
        error,
      );
    }
    const direct = await buildTerms(world);
    const authorization = await authorize(world, direct, { kind: KIND_TRANSFER });
    const terms = { ...deposit.terms, base: { ...direct, requestKey: base.requestKey } };
    expect(await refusal({ ...deposit, terms, authorization })).toBe("WrongContract");
    const moved = { ...terms, base: { ...terms.base, verifyingContract: world.escrow, mode: 1 } };
    expect(await refusal({ ...deposit, terms: moved, authorization })).toBe(
      "ERC3009InvalidSignature",
    );
  });

  it("has another nonce than a settlement of the same terms", async () => {
    const { terms } = await buildDeposit(world);
    expect(escrowTermsNonce(terms)).not.toBe(termsNonce(terms.base));
  });

  it("another escrow contract does not take it", async () => {
    const twin = await deployContracts({
      rpcUrl: world.chain.rpcUrl,
      privateKey: ANVIL_KEYS[0],
      treasury: people.treasury.address,
      recoverers: [],
      usdc: world.usdc,
    });
    const deposit = await buildDeposit(world, { kind: KIND_TRANSFER });
    const call = { ...depositCall(world, deposit), to: twin.escrow };
    expect(await world.refusalOf(call)).toBe("WrongContract");
    const terms = {
      ...deposit.terms,
      base: { ...deposit.terms.base, verifyingContract: twin.escrow },
    };
    const rewritten = { ...depositCall(world, { ...deposit, terms }), to: twin.escrow };
    expect(await world.refusalOf(rewritten)).toBe("ERC3009InvalidSignature");
    const authorization = await authorizeDeposit(world, terms);
    const signed = { ...depositCall(world, { ...deposit, terms, authorization }), to: twin.escrow };
    expect((await world.send(signed)).status).toBe("success");
  });
});

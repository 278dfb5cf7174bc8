import { encodeFunctionData, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { zoneSettlementAbi } from "../src/abi/zone-settlement.generated.ts";
import { KIND_RECEIVE, KIND_TRANSFER } from "../test/support/contracts/authorization.ts";
import { pack, packedCall } from "../test/support/contracts/packed.ts";
import type { Item } from "../test/support/contracts/settlement.ts";
import {
  authorize,
  buildTerms,
  settleBatchCall,
  settleCall,
} from "../test/support/contracts/settlement.ts";
import type { World } from "../test/support/contracts/world.ts";
import { eventsOf, people, startWorld } from "../test/support/contracts/world.ts";

const ZONE_KEY: Hex = `0x${"5a".repeat(32)}`;

// Every payer is new and keeps a rest, and every payee already holds tokens: the case of a running zone.
async function buildItem(world: World, kind: number): Promise<Item> {
  const signer = privateKeyToAccount(generatePrivateKey());
  await world.mint(signer.address, 10_000_000n);
  const terms = await buildTerms(world, { zoneKey: ZONE_KEY });
  return { terms, authorization: await authorize(world, terms, { kind, signer }) };
}

async function buildItems(world: World, count: number): Promise<Item[]> {
  const items: Item[] = [];
  for (let index = 0; index < count; index += 1) items.push(await buildItem(world, KIND_RECEIVE));
  return items;
}

interface Form {
  readonly name: string;
  readonly encode: (items: Item[]) => Hex;
}

const FORMS: readonly Form[] = [
  { name: "settleBatch", encode: settleBatchCall },
  { name: "settlePacked", encode: (items) => packedCall(pack(items)) },
];

async function measure(world: World, items: Item[], { encode }: Form): Promise<bigint> {
  const data = encode(items);
  const receipt = await world.send({ from: people.carrier, to: world.settlement, data });
  const settled = eventsOf(receipt, world.settlement).filter(
    (event) => event.eventName === "Settled",
  );
  if (settled.length !== items.length) throw new Error(`${settled.length} settled`);
  return receipt.gasUsed / BigInt(items.length);
}

await using world = await startWorld();
for (const owner of [people.recipient, people.creator, people.treasury])
  await world.mint(owner.address, 1n);
for (const [name, kind] of [
  ["receive", KIND_RECEIVE],
  ["transfer", KIND_TRANSFER],
] as const) {
  const { terms, authorization } = await buildItem(world, kind);
  const receipt = await world.send({
    from: people.carrier,
    to: world.settlement,
    data: settleCall(terms, authorization),
  });
  console.log(`settle (${name}): ${receipt.gasUsed} gas`);
}
for (const count of [1, 10, 25, 50, 100]) {
  for (const form of FORMS) {
    const gas = await measure(world, await buildItems(world, count), form);
    console.log(`${form.name} of ${count}: ${gas} gas per payment`);
  }
}
const registration = await world.send({
  from: people.carrier,
  to: world.settlement,
  data: encodeFunctionData({
    abi: zoneSettlementAbi,
    functionName: "registerZone",
    args: [
      "zone_01930000-0000-7000-8000-000000000000",
      people.creator.address,
      100,
      1n,
      `0x${"11".repeat(32)}`,
    ],
  }),
});
console.log(`registerZone: ${registration.gasUsed} gas`);

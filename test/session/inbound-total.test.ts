import { expect, test } from "vitest";
import { beginMessage } from "../support/begun-message.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

const MEBIBYTE = 1024 * 1024;
const ANNOUNCED = 4 * MEBIBYTE;

test("messages that are begun and never ended hold no more than all connections may", async () => {
  const wire = { inbound_total_bytes_max: 4 * MEBIBYTE };
  await using steward = await startSteward({ config: { wire } });
  await using honest = await WireClient.connect(steward.wireUrl);
  const clients: WireClient[] = [];
  for (let i = 0; i < 4; i++) clients.push(await WireClient.connect(steward.wireUrl));
  for (const client of clients) beginMessage(client, ANNOUNCED, 1_500_000);
  const refused = await Promise.any(
    clients.map(async (client) => {
      await client.waitClosed();
      return client;
    }),
  );
  expect((await refused.next("error")).fields.code).toBe(4001);
  expect(refused.closeCode).toBe(1008);
  expect((await honest.ask({ type: "zone.discover" })).type).toBe("zone.directory");
  for (const client of clients) await client[Symbol.asyncDispose]();
  // What is gone no longer counts, and whole messages never do.
  const zone_id = await steward.createZone();
  await honest.ask({ type: "zone.join", zone_id });
  const large = { type: "zone.inspect", zone_id, pad: "x".repeat(3_000_000) };
  for (let i = 0; i < 4; i++) expect((await honest.ask(large)).type).toBe("zone.manifest");
});

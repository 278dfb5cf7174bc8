import { expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

test("a Hello whose name or skill no message body may hold is refused: members are told both", async () => {
  await using steward = await startSteward();
  for (const fields of [{ name: "a\u202eb" }, { skills: ["x\u0000"] }, { name: "a\u2066" }]) {
    await using client = await WireClient.open(steward.wireUrl);
    const result = client.handshake({ hello: fields }).then(
      () => "ok",
      () => "refused",
    );
    const error = await Promise.race([client.next("error"), result]);
    expect(error).toMatchObject({ fields: { code: 1002 } });
  }
});

import { expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

test("the operator approves and revokes providers; who joins later is one at once", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  const key = createAgentKey();
  const path = `/v1/zones/${zone_id}/providers`;
  const approved = await steward.api("PUT", `${path}/${key.nodeId}`, { actions: ["echo"] });
  expect(approved).toMatchObject({
    status: 200,
    body: { actions: ["echo"], approved_by: "operator" },
  });
  expect((await steward.api("GET", path)).body.providers).toHaveLength(1);
  await using provider = await WireClient.connect(steward.wireUrl, { key });
  expect((await provider.ask({ type: "zone.join", zone_id })).role).toBe("provider");
  const unknown = await steward.api("PUT", `${path}/${key.nodeId}`, { actions: ["nothing"] });
  expect(unknown).toMatchObject({ status: 404, body: { error: { code: "action_not_found" } } });
  expect((await steward.api("DELETE", `${path}/${key.nodeId}`)).status).toBe(204);
  expect((await steward.api("DELETE", `${path}/${key.nodeId}`)).status).toBe(404);
  const members = (await steward.api("GET", `/v1/zones/${zone_id}/members`)).body.members;
  expect(members).toMatchObject([{ role: "member" }]);
});

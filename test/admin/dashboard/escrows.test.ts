import { afterAll, beforeAll, expect, test } from "vitest";
import {
  deposit,
  type EscrowWorld,
  join,
  startEscrowWorld,
} from "../../payments/escrow/support/escrow-steward.ts";
import { Browser, findForm } from "./browser.ts";

let world: EscrowWorld;
let admin: Browser;
beforeAll(async () => {
  world = await startEscrowWorld();
  admin = new Browser(world.paid.steward);
  await admin.login(world.paid.steward.token);
});
afterAll(() => world?.[Symbol.asyncDispose]());

test("an escrow is listed by its status, and goes back to its depositor from its page after a question, once", async () => {
  const { steward } = world.paid;
  await using client = await join(world);
  const { escrow_id: id } = await deposit(world, client);
  const list = await admin.open("/admin/escrows?status=deposited");
  expect(list.text).toContain(`href="/admin/escrows/${id}"`);
  expect((await admin.open("/admin/escrows?status=disputed")).text).toContain(
    "No escrow has this status.",
  );
  const at = `/admin/escrows/${id}`;
  const page = await admin.open(at);
  const { payment_id } = (await steward.api("GET", `/v1/escrows/${id}`)).body;
  expect(page.text).toContain(`href="/admin/payments/${payment_id}"`);
  expect((await admin.open(`/admin/payments/${payment_id}`)).text).toContain(`href="${at}"`);
  for (const operation of ["releaseEscrow", "refundEscrow", "disputeEscrow"]) {
    expect(page.text).toContain(`action="/admin/do/${operation}"`);
  }
  const asked = await admin.submit(at, "refundEscrow");
  expect(asked.text).toContain(`<code>steward escrow refund ${id}</code>`);
  expect((await steward.api("GET", `/v1/escrows/${id}`)).body.status).toBe("deposited");
  const form = findForm(asked.text, "refundEscrow");
  const done = await admin.open("/admin/do/refundEscrow", { form });
  expect([done.status, done.headers.get("location")]).toEqual([303, `${at}?done=refundEscrow`]);
  await expect
    .poll(async () => (await admin.open(at)).text, { timeout: 20_000 })
    .toContain('<span class="badge idle">refunded</span>');
  expect((await admin.open(at)).text).not.toContain("/admin/do/refundEscrow");
  const { entries } = (await steward.api("GET", "/v1/audit?order=desc&limit=1")).body;
  expect(entries).toMatchObject([
    { action: "POST /v1/escrows/{escrow_id}/refund", ids: { escrow_id: id }, status: 200 },
  ]);
});

import { describe, expect, test } from "vitest";
import {
  isZoneRequestType,
  ZONE_REQUEST_SCHEMAS,
  type ZoneRequestType,
} from "../../src/wire/zone-requests.ts";
import { AGENT, REQUEST_ID, ZONE_ID, ZONE_MESSAGE_ID } from "./sources/cast.ts";

type Fields = Readonly<Record<string, unknown>>;
const parse = (type: ZoneRequestType, fields: Fields) =>
  ZONE_REQUEST_SCHEMAS[type].safeParse({ type, ...fields });
const zone = { zone_id: ZONE_ID };
const REQUEST = { request_id: REQUEST_ID, ...zone, action: "echo" };
const MESSAGE = { ...zone, id: ZONE_MESSAGE_ID, content: 1 };

describe("fields of zone bodies", () => {
  test.each<[ZoneRequestType, string, Fields, boolean]>([
    ["zone.discover", "empty", {}, true],
    ["zone.discover", "limit 100", { limit: 100 }, true],
    ["zone.discover", "limit 101", { limit: 101 }, false],
    ["zone.discover", "filter nil", { filter: null, cursor: null }, true],
    ["zone.discover", "filter a string", { filter: "open" }, false],
    ["zone.inspect", "a request id", { ...zone, request_id: "a-B_9" }, true],
    ["zone.inspect", "a request id of 129", { ...zone, request_id: "a".repeat(129) }, false],
    ["zone.inspect", "an empty request id", { ...zone, request_id: "" }, false],
    ["zone.join", "epoch 0", { ...zone, epoch: 0 }, true],
    ["zone.join", "epoch with a fraction", { ...zone, epoch: 0.5 }, false],
    ["zone.leave", "zone of a number", { zone_id: 7 }, false],
    ["zone.message", "content nil", { ...MESSAGE, content: null }, true],
    ["zone.message", "content false", { ...MESSAGE, content: false }, true],
    ["zone.message", "no content", { ...zone, id: ZONE_MESSAGE_ID }, false],
    ["zone.message", "id msg_", { ...MESSAGE, id: ZONE_MESSAGE_ID.slice(1) }, false],
    ["zone.message", "reply_to no zmsg_", { ...MESSAGE, reply_to: "x" }, false],
    ["zone.history", "no after_seq", zone, false],
    ["zone.history", "limit 500", { ...zone, after_seq: 0, limit: 500 }, true],
    ["zone.members", "empty", zone, true],
    ["zone.request", "no params", REQUEST, true],
    ["zone.request", "params nil", { ...REQUEST, params: null }, true],
    ["zone.request", "params a string", { ...REQUEST, params: "{}" }, false],
    ["zone.receipt", "no request id", {}, false],
    ["zone.escrow", "op", { escrow_id: `0x${"0".repeat(64)}`, op: "release" }, true],
    ["zone.escrow", "unknown op", { escrow_id: `0x${"0".repeat(64)}`, op: "burn" }, false],
    ["zone.provide", "no actions", { ...zone, actions: [] }, false],
    [
      "zone.approve",
      "no actions: approval ends",
      { ...zone, node_id: AGENT.nodeId, actions: [] },
      true,
    ],
    ["zone.ban", "node id malformed", { ...zone, node_id: "atlas_1" }, false],
    ["zone.invite", "max_uses 0", { ...zone, max_uses: 0 }, false],
    ["zone.create", "envelope a string", { envelope: "{}" }, false],
    ["zone.update", "chain of 65", { envelope: {}, chain: new Array(65).fill({}) }, false],
  ])("%s: %s", (type, _name, fields, expected) => {
    expect(parse(type, fields).success).toBe(expected);
  });

  test("what is left out has its default", () => {
    expect(parse("zone.discover", {}).data).toMatchObject({ filter: {}, limit: 50 });
    expect(parse("zone.history", { ...zone, after_seq: 0 }).data).toMatchObject({ limit: 50 });
    expect(parse("zone.members", zone).data).toMatchObject({ limit: 50 });
    expect(parse("zone.request", REQUEST).data).toMatchObject({ params: {} });
    expect(parse("zone.invite", zone).data).toMatchObject({ max_uses: 1 });
  });
});

test("a zone.payment without an authorization is for payments to refuse, as payment_required", () => {
  for (const fields of [{}, { authorization: null }]) {
    const parsed = parse("zone.payment", { request_id: REQUEST_ID, ...fields });
    expect(parsed.success).toBe(true);
    expect(parsed.data).not.toHaveProperty("authorization", expect.anything());
  }
  expect(parse("zone.payment", { authorization: {} }).success).toBe(false);
});

test("only the bodies agents send are known", () => {
  for (const type of ["zone.joined", "zone.error", "zone.unheard_of", "constructor", ""]) {
    expect(isZoneRequestType(type), type).toBe(false);
  }
  expect(isZoneRequestType("zone.join")).toBe(true);
});

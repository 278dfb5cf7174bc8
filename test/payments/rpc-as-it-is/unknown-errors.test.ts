import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RpcPool } from "../../../src/payments/chain/rpc-pool.ts";
import { type AlarmBell, RpcWatch } from "../../../src/payments/chain/rpc-watch.ts";
import { type ShapedNode, startShapedNode } from "../../support/shaped-node.ts";

let node: ShapedNode;
beforeAll(async () => {
  node = await startShapedNode("http://127.0.0.1:9");
});
afterAll(() => node[Symbol.asyncDispose]());

test("an error in unknown words is named in the log once a minute, and is an alarm when it lasts", async () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const alarms = new Map<string, string | undefined>();
  const bell: AlarmBell = {
    alarm: (id, _details, nodeSays) => void alarms.set(id, nodeSays),
    endAlarm: (id) => void alarms.delete(id),
  };
  const watch = new RpcWatch({ log, chainId: 1, bell, alarmAfterMs: 0 });
  const stop = new AbortController().signal;
  const pool = new RpcPool({
    ...{ log, chainId: 1, urls: [node.url], timeoutMs: 2_000, stop, watch, bell },
  });
  let isDown = true;
  node.shape = ({ method }) => {
    if (method === "eth_chainId") return { result: "0x1" };
    return isDown ? { error: { code: -1, message: "the moon is full" } } : { result: "0x2" };
  };
  const read = () => pool.call("eth_getBalance", [], String).catch(() => undefined);
  await read();
  await read();
  watch.check();
  expect(lines.map(({ msg, method, node_says }) => [msg, method, node_says])).toEqual([
    ["a node's error of unknown meaning", "eth_getBalance", "the moon is full"],
  ]);
  expect([...alarms]).toEqual([["method-failing", "eth_getBalance: the moon is full"]]);
  isDown = false;
  expect(await read()).toBe("0x2");
  watch.check();
  expect(alarms.size).toBe(0);
});

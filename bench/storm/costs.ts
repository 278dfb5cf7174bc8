import { createId } from "../../src/protocol/ids.ts";
import { decodeValue } from "../../src/wire/messagepack-decode.ts";
import type { PackedBytes } from "../../src/wire/messagepack-encode.ts";
import type { StewardProcess } from "../../test/support/steward-process.ts";
import { LoadClient } from "../support/load-client.ts";
import { toText } from "./json-text.ts";

const TEXT_BYTES_MAX = 1_048_576 - 1024;
/** Of each shape the first are to warm up. */
const WARM = 2;
const MEASURED = 4;
/** What follows an answer: deliveries, checkpoints. */
const SETTLE_MS = 60;

/** What one message of a shape costs. */
export interface ShapeCost {
  readonly kind: string;
  readonly shape: string;
  readonly cpuMs: number;
}

interface Kind {
  readonly name: string;
  readonly from: LoadClient;
  /** Frames that answer one. */
  readonly answers: number;
  readonly send: (value: PackedBytes) => void;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends every shape in every kind of body, one after the other. */
export async function measureCosts(
  steward: StewardProcess,
  zoneId: string,
  shapes: ReadonlyMap<string, PackedBytes>,
): Promise<ShapeCost[]> {
  const [member, listener, stranger] = [
    await LoadClient.connect(steward.wireUrl, zoneId),
    await LoadClient.connect(steward.wireUrl, zoneId),
    await LoadClient.connect(steward.wireUrl),
  ] as const;
  const request = (params: PackedBytes, action: string) => ({
    type: "zone.request",
    zone_id: zoneId,
    request_id: createId("req"),
    action,
    params: { value: params },
  });
  const message = (content: PackedBytes) => ({
    type: "zone.message",
    zone_id: zoneId,
    id: createId("zmsg"),
    content,
  });
  const kinds: Kind[] = [
    {
      name: "zone.request by a stranger",
      from: stranger,
      answers: 2,
      send: (value) => stranger.send(request(value, "echo")),
    },
    {
      name: "zone.message",
      from: member,
      answers: 2,
      send: (value) => member.send(message(value)),
    },
    {
      name: "zone.request echoed",
      from: member,
      answers: 2,
      send: (value) => member.send(request(value, "echo")),
    },
    {
      name: "direct message",
      from: member,
      answers: 1,
      send: (value) => member.send({ type: "note", value }, listener.nodeId),
    },
    {
      name: "an unknown field",
      from: stranger,
      answers: 2,
      send: (value) => stranger.send({ type: "zone.discover", value }),
    },
    {
      name: "an unknown field, the body as JSON text",
      from: stranger,
      answers: 2,
      send: (value) => stranger.send(toJsonText(value)),
    },
  ];
  const costs: ShapeCost[] = [];
  for (const kind of kinds) {
    for (const [shape, value] of shapes) {
      const cpuMs = await measure(steward, kind, value);
      costs.push({ kind: kind.name, shape, cpuMs });
    }
  }
  for (const client of [member, listener, stranger]) client.close();
  return costs;
}

/** A body as JSON text, or as much of it as may be. */
function toJsonText({ bytes }: PackedBytes): string {
  return `{"type":"zone.discover","value":${toText(decodeValue(bytes, 0), TEXT_BYTES_MAX)}}`;
}

async function measure(steward: StewardProcess, kind: Kind, value: PackedBytes): Promise<number> {
  let before = 0;
  for (let i = 0; i < WARM + MEASURED; i++) {
    if (i === WARM) before = (await steward.measure("cpu")).cpuMicros;
    await ask(kind, value);
  }
  await sleep(SETTLE_MS);
  return ((await steward.measure("cpu")).cpuMicros - before) / MEASURED / 1000;
}

async function ask({ from, answers, send }: Kind, value: PackedBytes): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = answers;
  from.count(() => {
    if (--left === 0) resolve();
  });
  send(value);
  await promise;
}

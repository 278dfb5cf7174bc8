import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { StewardProcess } from "../../test/support/steward-process.ts";
import { LoadClient } from "../support/load-client.ts";
import type { LoadOptions, LoadTally } from "./load-worker.ts";

/** They stay within their own limits: one message a second each. */
const WATCHERS = 20;
const ASK_MS = 1010;
const IDLE_SECONDS = 6;
const PAGE_BYTES = 4096;

/** What a storm did, and what others waited for `zone.discover` before it and in it, in ms. */
export interface StormResult extends LoadTally {
  readonly idle: Percentiles;
  readonly stormy: Percentiles;
  /** Bytes. */
  readonly rssMax: number;
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Has fifty ids of one address send what their limits allow while other agents discover. */
export async function runStorm(
  steward: StewardProcess,
  zoneId: string,
  { seconds, isMember }: { readonly seconds: number; readonly isMember: boolean },
): Promise<StormResult> {
  const watchers: LoadClient[] = [];
  for (let i = 0; i < WATCHERS; i++) watchers.push(await LoadClient.connect(steward.wireUrl));
  const discoverAll = async (forSeconds: number) =>
    toPercentiles((await Promise.all(watchers.map((it) => discover(it, forSeconds)))).flat());
  const idle = await discoverAll(IDLE_SECONDS);
  const workerData: LoadOptions = { wireUrl: steward.wireUrl, zoneId, isMember };
  const worker = new Worker(new URL("./load-worker.ts", import.meta.url), { workerData });
  await once(worker, "message");
  let rssMax = 0;
  const watch = setInterval(() => {
    rssMax = Math.max(rssMax, readRss(steward.pid));
  }, 50);
  const stormy = await discoverAll(seconds);
  clearInterval(watch);
  worker.postMessage("stop");
  const [tally] = (await once(worker, "message")) as [LoadTally];
  await worker.terminate();
  for (const watcher of watchers) watcher.close();
  return { ...tally, idle, stormy, rssMax };
}

/** Asks for the directory again and again; returns how long each answer took, in milliseconds. */
async function discover(client: LoadClient, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    const startedMs = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    // Its acknowledgement comes first.
    let left = 2;
    client.count(() => {
      if (--left === 0) resolve();
    });
    client.send({ type: "zone.discover" });
    await promise;
    times.push(performance.now() - startedMs);
    await sleep(ASK_MS * (1 + Math.random() / 10));
  }
  return times;
}

/** Resident memory, asked of the system: the steward may be busy. */
function readRss(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  return Number(pages) * PAGE_BYTES;
}

function toPercentiles(times: readonly number[]): Percentiles {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

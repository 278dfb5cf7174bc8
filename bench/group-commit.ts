// Durable writes a second, grouped per turn of the event loop against one transaction per write:
// `node bench/group-commit.ts [seconds]`. Both write the same rows to a SQLite file of their own
// (WAL, synchronous=FULL), in one run, on one thread; a write counts once it is durable.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Store } from "../src/store/database.ts";
import { createPeerQueries } from "../src/store/peer-queries.ts";
import { createId } from "../src/wire/ids.ts";

const SECONDS = Number(process.argv[2] ?? 2);
const OUTSTANDING = [1, 4, 16, 64, 256];
const NODE_ID = `atlas_${"a".repeat(64)}`;

type Write = (store: Store, insert: () => void) => Promise<void>;

/** As the steward writes: the turn's transaction, and an answer after its COMMIT. */
const grouped: Write = (store, insert) => {
  store.write(insert);
  return store.committed();
};

/** Each write in a transaction of its own; the turn is given up as a socket would. */
const single: Write = (store, insert) => {
  store.raw.transaction(insert).immediate();
  return new Promise((resolve) => setImmediate(resolve));
};

async function measure(write: Write, outstanding: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "bench-commit-"));
  const raise = (error: unknown): void => {
    throw error;
  };
  const store = Store.open(join(dir, "bench.sqlite"), { onFatal: raise, onEffectError: raise });
  const peers = createPeerQueries(store);
  const endMs = performance.now() + SECONDS * 1000;
  let count = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await write(store, () => {
        peers.insertSeen(NODE_ID, createId("msg"), 1);
      });
      count++;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: outstanding }, loop));
  const perSecond = count / ((performance.now() - started) / 1000);
  await store[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
  return perSecond;
}

process.stdout.write(`durable writes/s, ${SECONDS} s each, WAL, synchronous=FULL\n`);
process.stdout.write("outstanding   one each      grouped   ratio\n");
for (const outstanding of OUTSTANDING) {
  const one = await measure(single, outstanding);
  const group = await measure(grouped, outstanding);
  const cells = [outstanding, Math.round(one), Math.round(group)].map((n) => `${n}`.padStart(11));
  process.stdout.write(`${cells.join("  ")}  ${(group / one).toFixed(1).padStart(5)}x\n`);
}

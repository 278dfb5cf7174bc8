import { cpus } from "node:os";

const BUSY_SHARE_MAX = 0.15;
const LOOK_MS = 1_000;
const WAIT_MS_MAX = 30_000;

function readTimes(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.idle + times.irq;
    all += sum;
    busy += sum - times.idle;
  }
  return { busy, all };
}

/** Waits until the machine has little else to do, for some time at most; what was measured says how busy it was. */
export async function untilQuiet(): Promise<void> {
  for (const endMs = performance.now() + WAIT_MS_MAX; performance.now() < endMs; ) {
    const before = readTimes();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const after = readTimes();
    if ((after.busy - before.busy) / (after.all - before.all) < BUSY_SHARE_MAX) return;
  }
}

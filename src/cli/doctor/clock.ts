import type { Config } from "../../config/config.ts";
import { createFindings, type Finding } from "./finding.ts";

const { good, note, bad } = createFindings("clock");
/** Quotes run out within minutes, and handshakes bear `wire.max_clock_drift_secs`. */
const DRIFT_SECS_MAX = 30;
const TIMEOUT_MS = 5000;
const ITEM = "this machine's clock";

/** Compares the clock with what the servers that are configured say of theirs in their answers. */
export async function diagnoseClock({ chains, http }: Config): Promise<Finding[]> {
  const urls = [
    ...chains.flatMap(({ rpc_urls }) => rpc_urls),
    ...(http.public_url === undefined ? [] : [http.public_url.replace(/^ws/, "http")]),
  ];
  const read = await Promise.all(urls.map((url) => readDriftSecs(url)));
  const drifts = read.filter((drift) => drift !== undefined).sort((a, b) => a - b);
  const drift = drifts[Math.floor(drifts.length / 2)];
  if (drift === undefined) {
    const hint = "See that the system keeps time: timedatectl status.";
    return [note(ITEM, "no configured server says what time it is", hint)];
  }
  const from = `of ${drifts.length} server(s)`;
  if (Math.abs(drift) <= DRIFT_SECS_MAX) return [good(ITEM, `agrees with the clocks ${from}`)];
  const side = drift > 0 ? "behind" : "ahead of";
  return [
    bad(
      ITEM,
      `is ${Math.round(Math.abs(drift))} s ${side} the clocks ${from}`,
      "Have the system keep time (timedatectl set-ntp true): agents' handshakes and quotes are refused else.",
    ),
  ];
}

/** By how many seconds a server's clock is ahead of this one; undefined where it does not say. */
async function readDriftSecs(url: string): Promise<number | undefined> {
  const target = new URL(url);
  // fetch refuses URLs with credentials, and the time is no secret.
  target.username = "";
  target.password = "";
  const beganMs = Date.now();
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(target, { method: "HEAD", redirect: "manual", signal });
    await response.body?.cancel();
    const toldMs = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(toldMs)) return undefined;
    return (toldMs - (beganMs + Date.now()) / 2) / 1000;
  } catch {
    return undefined; // said of the chain already
  }
}

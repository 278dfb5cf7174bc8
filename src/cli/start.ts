import { loadConfig } from "../config.ts";
import { createLogger } from "../log.ts";
import { createSteward } from "../steward.ts";
import { waitForEnd } from "./signals.ts";

/** Runs the service until it is asked to end. */
export async function runStart(options: { config?: string; data?: string }): Promise<void> {
  const { config, ignoredVariables } = loadConfig({
    file: options.config,
    environment: process.env,
    overrides: { ...(options.data !== undefined && { data_dir: options.data }) },
  });
  const log = createLogger(config.log.level);
  if (ignoredVariables.length > 0) {
    log.info(
      { variables: ignoredVariables },
      "these variables are not the configuration's and are ignored: STEWARD_<SECTION>__<KEY> is",
    );
  }
  const ended = waitForEnd();
  await using steward = await createSteward(config, { log });
  const lines = [
    `http   ${steward.httpUrl}`,
    `wire   ${steward.wireUrl}`,
    `node   ${steward.nodeId}`,
    ...(steward.firstToken === undefined
      ? []
      : [`token  ${steward.firstToken}  (the first admin token, shown this once)`]),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  await ended;
}

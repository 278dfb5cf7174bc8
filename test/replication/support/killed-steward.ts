// Runs a steward that kills itself with SIGKILL where a message of some content is logged:
// `KILL_AT='{"content":"some","when":"before"}' killed-steward.ts CONFIG`.
// `before`: inside the transaction, which is lost; `after`: durable, and nobody has been told.
import { loadConfig } from "../../../src/config/config.ts";
import { createSteward } from "../../../src/steward.ts";
import { Store } from "../../../src/store/database.ts";

/** Where a steward dies. */
export interface KillPoint {
  readonly content: string;
  readonly when: "before" | "after";
}

function arm(store: Store, { content, when }: KillPoint): void {
  const kill = () => process.kill(process.pid, "SIGKILL");
  store.raw.function("die", () => {
    if (when === "before") kill();
    else store.gate(kill);
    return null;
  });
  store.raw.exec(
    `CREATE TEMP TRIGGER die_at_message AFTER INSERT ON zone_log
     WHEN NEW.data LIKE '%${content}%' BEGIN SELECT die(); END`,
  );
}

const point = process.env.KILL_AT;
if (point !== undefined) {
  const open = Store.open.bind(Store);
  Store.open = (...args) => {
    const store = open(...args);
    arm(store, JSON.parse(point) as KillPoint);
    return store;
  };
}
const steward = await createSteward(loadConfig({ file: process.argv[2] }).config);
process.once("SIGTERM", async () => {
  await steward[Symbol.asyncDispose]();
  process.exit();
});
process.stdout.write(`http ${steward.httpUrl}\nwire ${steward.wireUrl}\nnode ${steward.nodeId}\n`);

// Runs a steward that kills itself with SIGKILL where a row gets into a state: `KILL_AT='{"table":
// "payment_history","value":"submitting","when":"before"}' killed-steward.ts CONFIG`.
// `before`: inside the transaction, which is lost; `after`: durable, and nobody has been told.
import { loadConfig } from "../../../src/config/config.ts";
import { createSteward } from "../../../src/steward.ts";
import { Store } from "../../../src/store/database.ts";

/** Where a steward dies. */
export interface KillPoint {
  readonly table: string;
  readonly value: string;
  readonly when: "before" | "after";
}

function arm(store: Store, { table, value, when }: KillPoint): void {
  const column = table === "escrows" ? "status" : "state";
  const kill = () => process.kill(process.pid, "SIGKILL");
  store.raw.function("die", () => {
    if (when === "before") kill();
    else store.gate(kill);
    return null;
  });
  const where = `ON ${table} WHEN NEW.${column} = '${value}' BEGIN SELECT die(); END`;
  store.raw.exec(`CREATE TEMP TRIGGER die_at_insert AFTER INSERT ${where}`);
  store.raw.exec(`CREATE TEMP TRIGGER die_at_update AFTER UPDATE OF ${column} ${where}`);
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
// Whoever started it is gone.
process.stdin.resume().once("end", () => process.exit());
process.once("SIGTERM", async () => {
  await steward[Symbol.asyncDispose]();
  process.exit();
});
process.stdout.write(`http ${steward.httpUrl}\nwire ${steward.wireUrl}\nnode ${steward.nodeId}\n`);

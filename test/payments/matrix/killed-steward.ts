// Runs a steward that kills itself with SIGKILL where a row gets into a state: `KILL_AT='{"table":
// "payment_history","value":"submitting","when":"before"}' killed-steward.ts CONFIG`.
// `before`: inside the transaction, which is lost; `after`: durable, and nobody has been told; `held`: a voter of its
// zone has it, too, and said so, and nothing came of that yet.
import { loadConfig } from "../../../src/config/config.ts";
import { ZoneMachines } from "../../../src/replication/machines/zone-machines.ts";
import { createSteward } from "../../../src/steward.ts";
import { Store } from "../../../src/store/database.ts";

/** Where a steward dies. */
export interface KillPoint {
  readonly table: string;
  readonly value: string;
  readonly when: "before" | "after" | "held";
}

function kill(): void {
  process.kill(process.pid, "SIGKILL");
}

/** Dies at the first acknowledgement of what is committed by now, before it counts. */
function killWhenHeld(store: Store): void {
  const sql = "SELECT zone_id, n FROM replicated_zones";
  const ends = new Map(store.raw.prepare<[], [string, number]>(sql).raw().all());
  const dispatch = ZoneMachines.prototype.dispatch;
  ZoneMachines.prototype.dispatch = function (zoneId, event, ...rest) {
    if (event.type === "ack" && event.n >= (ends.get(zoneId) ?? Infinity)) kill();
    return dispatch.call(this, zoneId, event, ...rest);
  };
}

function arm(store: Store, { table, value, when }: KillPoint): void {
  const column = table === "escrows" ? "status" : "state";
  store.raw.function("die", () => {
    if (when === "before") kill();
    else store.gate(when === "after" ? kill : () => killWhenHeld(store));
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
const { httpUrl, wireUrl, nodeId, firstToken = "" } = steward;
process.stdout.write(`http ${httpUrl}\nwire ${wireUrl}\nnode ${nodeId}\ntoken ${firstToken}\n`);

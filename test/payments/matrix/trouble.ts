import { isMeaningFault } from "../../support/meaning-faults.ts";
import type { RpcProxy } from "../../support/rpc-proxy.ts";
import type { RpcFault } from "./fault-cell.ts";
import { FAULTS, spread } from "./plan.ts";

/** After so many calls something goes wrong with the one that comes next. */
const CALLS_EACH = 31;
const FAULTY_CALLS = 2;
const FAULTY_MS = 300;

/** Has a node go wrong for as long as it is asked: each method in every way, one after the other. */
export class Trouble {
  /** Lets everything through for now: an engine that finds no contracts does not start. */
  paused = true;
  /** The faults it has begun, without those that came again. */
  readonly begun = new Set<RpcFault>();
  private readonly proxy: RpcProxy;
  private readonly faults = spread(FAULTS, FAULTS.length);
  private calls = 0;

  constructor(proxy: RpcProxy) {
    this.proxy = proxy;
    proxy.on("*", "before", (method) => this.next(method));
  }

  /** Lets everything through until it is no longer paused. */
  pause(): void {
    this.paused = true;
    this.proxy.heal();
  }

  private next(method: string): void {
    if (this.paused || ++this.calls % CALLS_EACH !== 0) return;
    const at = this.faults.findIndex((fault) => fault.method === method);
    const [fault] = at < 0 ? [] : this.faults.splice(at, 1);
    if (!fault) return;
    this.faults.push(fault);
    this.begun.add(fault);
    this.proxy.heal();
    if (isMeaningFault(fault.kind)) this.proxy.failFor(method, fault.kind, FAULTY_MS);
    else this.proxy.fail(method, fault.kind, FAULTY_CALLS);
  }
}

import { setFlagsFromString } from "node:v8";

/** Of what is in use, in percent. */
const USUAL_PERCENT = 100;
const STORMY_PERCENT = 30;
const CALM_MS = 10_000;

/**
 * Bounds the garbage that waits to be collected, as a share of what is in use: as much as that, which costs a busy
 * steward least, but less from a large message on until none has come for a while, as what is made of one is
 * many megabytes and garbage at once; `docs/decisions/memory.md`.
 */
export class GarbageBound {
  private readonly setPercent: (percent: number) => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(setPercent = setHeapGrowing) {
    this.setPercent = setPercent;
    setPercent(USUAL_PERCENT);
  }

  /** Hears of a large message. */
  noteLarge(): void {
    if (this.timer !== undefined) {
      this.timer.refresh();
      return;
    }
    this.setPercent(STORMY_PERCENT);
    this.timer = setTimeout(() => this.calm(), CALM_MS).unref();
  }

  private calm(): void {
    this.timer = undefined;
    this.setPercent(USUAL_PERCENT);
  }
}

function setHeapGrowing(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

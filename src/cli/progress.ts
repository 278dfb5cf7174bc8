const SHOW_MS = 100;
const CLEAR_LINE = "\r\u001b[2K";

/** What long work says of itself, for people at a terminal. */
export interface Progress {
  show(step: string, done: number, total: number): void;
  /** Takes the line away. */
  end(): void;
}

/** Shows progress as a line on standard error that is written over; nothing where that is no terminal. */
export function startProgress(): Progress {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => {}, end: () => {} };
  let shownMs = 0;
  return {
    show: (step, done, total) => {
      const now = performance.now();
      if (now - shownMs < SHOW_MS) return;
      shownMs = now;
      const share = total > 0 ? ` ${Math.floor((100 * Math.min(done, total)) / total)} %` : "";
      stderr.write(`${CLEAR_LINE}${step}${share}`);
    },
    end: () => {
      if (shownMs > 0) stderr.write(CLEAR_LINE);
      shownMs = 0;
    },
  };
}

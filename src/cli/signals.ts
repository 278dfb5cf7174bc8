/**
 * Waits until the process is asked to end (SIGINT, SIGTERM, SIGHUP); a second request ends it at
 * once.
 */
export function waitForEnd(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  });
}

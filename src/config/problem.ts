/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** The key, as `http.port`; `(top)` for the whole. */
  readonly key: string;
  /** What is wrong, and what is expected or to be done. */
  readonly message: string;
  /** Where it was said: `FILE:LINE`, a variable's name, a flag, or `default`. */
  readonly source: string;
}

/** A configuration that cannot be used, with every problem found. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map((problem) => `- ${toProblemText(problem)}`);
    super(`The configuration has ${problems.length} problem(s):\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

/** Writes a problem on one line. */
export function toProblemText({ key, message, source }: ConfigProblem): string {
  return `${key}: ${message}, set by ${source}`;
}

/** One instruction of a Dockerfile. */
export interface Instruction {
  readonly keyword: string;
  readonly text: string;
  /** Where it begins. */
  readonly line: number;
}

/** What an image says about the process that is started from it. */
export interface ImageConfig {
  env: Record<string, string>;
  workdir: string;
  user: string;
  entrypoint: readonly string[];
  cmd: readonly string[];
  healthcheck: readonly string[];
  stopSignal: NodeJS.Signals;
}

/** One stage: what it is made of, and how. */
export interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

const KNOWN = new Set(
  "FROM RUN COPY ENV WORKDIR USER VOLUME EXPOSE LABEL STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD".split(
    " ",
  ),
);

/**
 * Reads a Dockerfile's stages, with continued lines and comments as the builder reads them.
 * @throws Error at an instruction that is not one of those used here
 */
export function parseDockerfile(file: string): Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of toInstructions(file)) {
    if (!KNOWN.has(instruction.keyword)) {
      throw new Error(`line ${instruction.line}: ${instruction.keyword} is not known here`);
    }
    if (instruction.keyword !== "FROM") {
      stages.at(-1)?.instructions.push(instruction);
      continue;
    }
    const [base = "", , name = base] = instruction.text.split(/\s+/);
    stages.push({ name, base, instructions: [] });
  }
  return stages;
}

/** Applies an instruction that changes what is started; false where it does something else. */
export function configure(config: ImageConfig, { keyword, text }: Instruction): boolean {
  switch (keyword) {
    case "ENV":
      for (const [, name = "", quoted, bare = ""] of text.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)) {
        config.env[name] = quoted ?? bare;
      }
      return true;
    case "WORKDIR":
      config.workdir = text;
      return true;
    case "USER":
      config.user = text;
      return true;
    case "STOPSIGNAL":
      config.stopSignal = text as NodeJS.Signals;
      return true;
    case "HEALTHCHECK":
      config.healthcheck = JSON.parse(text.slice(text.indexOf("CMD") + "CMD".length));
      return true;
    case "ENTRYPOINT":
      config.entrypoint = JSON.parse(text);
      config.cmd = [];
      return true;
    case "CMD":
      config.cmd = JSON.parse(text);
      return true;
    default:
      return keyword === "LABEL" || keyword === "EXPOSE" || keyword === "VOLUME";
  }
}

function toInstructions(file: string): Instruction[] {
  const found: Instruction[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [index, raw] of file.split("\n").entries()) {
    if (/^\s*(#|$)/.test(raw)) continue;
    open ??= { text: "", line: index + 1 };
    open.text += raw.replace(/\\$/, "");
    if (raw.endsWith("\\")) continue;
    const [, keyword = "", text = ""] = /^(\w+)\s+(.*)$/s.exec(open.text.trim()) ?? [];
    found.push({ keyword: keyword.toUpperCase(), text: text.trim(), line: open.line });
    open = undefined;
  }
  return found;
}

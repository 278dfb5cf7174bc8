import { FIRST_WORD_KIND, KIND_BITS, toKind } from "./code-points.ts";
import { NEGATIONS, type Place, type Rule } from "./rule.ts";
import { createFinding, type Finding } from "./threats.ts";

/** Fields of one step in `CompiledRules.steps`: what a known word takes further where its gate is open. */
export const STEP = {
  /** Where it is noted how far the phrase came. */
  PLACE: 0,
  /** What is found where the phrase is whole; -1 where more of it is to come. */
  FINDING: 1,
  /** The bytes that must stand before the word and, in the bits above 8, after it; 0 for any. */
  MARKS: 2,
  SIZE: 3,
} as const;

/**
 * A gate says, in its lower bits, within how many words of the place named in its upper bits a step is
 * taken. Of the first place of a phrase it is negative, and says how near a negation is too near.
 */
export const GATE_BITS = 4;
const WITHIN_MAX = (1 << GATE_BITS) - 1;

/** The state of a word that no rule has. */
const UNKNOWN_STATE = 1;

/** The rules as tables: one look-up a character, and for each known word the few phrases it is in. */
export interface CompiledRules {
  /** By state and kind of character, the next state. State 0 is no word yet, `UNKNOWN_STATE` none we know. */
  readonly next: Uint16Array;
  /** By state, 1 where a word ends in it. */
  readonly isKnown: Uint8Array;
  /** By state, 1 where a word ends in it that needs marks around it. */
  readonly isMarked: Uint8Array;
  /** By state, 1 where a negation ends in it. */
  readonly isNegation: Uint8Array;
  /** By state, the first step of the word that ends in it; those of the next state come after its last. */
  readonly firstStep: Int32Array;
  /** By step: most are not taken, and this is all that is read of them. */
  readonly gates: Int32Array;
  /** Later places first, so that no word counts for two places of one phrase. */
  readonly steps: Int32Array;
  readonly findings: readonly Finding[];
  /** How many places all phrases have; those of phrases that begin alike are shared. */
  readonly places: number;
  /** How far back a place is looked for, at most. */
  readonly reach: number;
}

interface Node {
  readonly id: number;
  readonly from: number;
  readonly within: number;
  readonly words: readonly string[];
  finding: number;
}

/** Compiles rules. Throws Error where a word is none, or a place has no distance. */
export function compileRules(rules: readonly Rule[]): CompiledRules {
  const nodes = new Map<string, Node>();
  const findings: Finding[] = [];
  let reach = 0;
  for (const rule of rules) {
    let key = `not ${rule.negatedWithin}`;
    let node: Node | undefined;
    for (const place of rule.places) {
      const within = node === undefined ? rule.negatedWithin : place.within;
      if (within > WITHIN_MAX || (node !== undefined && within < 1)) {
        throw new Error(`${rule.name}: no distance, or too far`);
      }
      reach = Math.max(reach, within);
      key = `${key} > ${within}: ${place.words.toSorted().join(" ")}`;
      const found: Node = nodes.get(key) ?? toNode(nodes.size, node, place, within);
      nodes.set(key, found);
      node = found;
    }
    if (node === undefined) throw new Error(`${rule.name}: no words`);
    const known = findings[node.finding];
    if (known !== undefined && known.confidence >= rule.confidence) continue;
    node.finding = findings.push(createFinding(rule.threat, rule.confidence, rule.name)) - 1;
  }
  return { ...toTables(toSteps(nodes.values())), findings, places: nodes.size, reach };
}

function toNode(id: number, before: Node | undefined, { words }: Place, within: number): Node {
  return { id, from: before?.id ?? -1, within, words, finding: -1 };
}

interface WordStep {
  readonly gate: number;
  /** In the order of `STEP`. */
  readonly fields: readonly [place: number, finding: number, marks: number];
}

/** Returns the steps of each word, later places first. */
function toSteps(nodes: Iterable<Node>): Map<string, WordStep[]> {
  const steps = new Map<string, WordStep[]>(NEGATIONS.map((word) => [word, []]));
  for (const { id, from, within, words, finding } of nodes) {
    const gate = from < 0 ? -1 - within : (from << GATE_BITS) | within;
    for (const word of new Set(words)) {
      const { text, marks } = toMarked(word);
      steps.set(text, [{ gate, fields: [id, finding, marks] }, ...(steps.get(text) ?? [])]);
    }
  }
  return steps;
}

function toMarked(word: string): { text: string; marks: number } {
  const [, before = "", text, after = ""] = /^(\W*)(\w+)(\W*)$/.exec(word) ?? [];
  if (text === undefined) throw new Error(`${word}: expected letters, digits, _`);
  const toByte = (mark: string) => (mark === "" ? 0 : mark.charCodeAt(0));
  return { text, marks: toByte(before.slice(-1)) | (toByte(after) << 8) };
}

type Tables = Pick<
  CompiledRules,
  "next" | "isKnown" | "isMarked" | "isNegation" | "firstStep" | "gates" | "steps"
>;

function toTables(wordSteps: ReadonlyMap<string, readonly WordStep[]>): Tables {
  const { rows, ends } = toTree(wordSteps.keys());
  const next = new Uint16Array(rows.length << KIND_BITS);
  const firstStep = new Int32Array(rows.length + 1);
  const steps: WordStep[] = [];
  rows.forEach((row, state) => {
    for (let kind = FIRST_WORD_KIND; kind < 1 << KIND_BITS; kind++) {
      next[(state << KIND_BITS) | kind] = row[kind] ?? UNKNOWN_STATE;
    }
    steps.push(...(wordSteps.get(ends.get(state) ?? "") ?? []));
    firstStep[state + 1] = steps.length;
  });
  const isKnown = Uint8Array.from(rows, (_, state) => (ends.has(state) ? 1 : 0));
  const isNegation = Uint8Array.from(rows, (_, state) =>
    NEGATIONS.includes(ends.get(state) ?? "") ? 1 : 0,
  );
  const isMarked = Uint8Array.from(rows, (_, state) =>
    wordSteps.get(ends.get(state) ?? "")?.some(({ fields: [, , marks] }) => marks !== 0) ? 1 : 0,
  );
  return {
    next,
    isKnown,
    isMarked,
    isNegation,
    firstStep,
    gates: Int32Array.from(steps, ({ gate }) => gate),
    steps: Int32Array.from(steps.flatMap(({ fields }) => fields)),
  };
}

/** Returns, by state, the next state of each kind; and the word that ends in a state. */
function toTree(words: Iterable<string>): { rows: number[][]; ends: Map<number, string> } {
  const rows: number[][] = [[], []];
  const ends = new Map<number, string>();
  for (const word of words) {
    let state = 0;
    for (const character of word) {
      const row = rows[state] as number[];
      const kind = toKind(character.codePointAt(0) ?? 0);
      row[kind] ??= rows.push([]) - 1;
      state = row[kind];
    }
    ends.set(state, word);
  }
  return { rows, ends };
}

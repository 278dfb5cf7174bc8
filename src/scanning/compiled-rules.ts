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
  /** The group of `froms` that the place is in, and its bit there; 0 where no phrase goes on from it. */
  GROUP: 3,
  BIT: 4,
  SIZE: 5,
} as const;

/**
 * A gate says, in its lower bits, within how many words of the place named in its upper bits a step is
 * taken. Of the first place of a phrase it is negative, and says how near a negation is too near.
 */
export const GATE_BITS = 4;
const WITHIN_MAX = (1 << GATE_BITS) - 1;

/** A word that goes on from more places than these is wide: it is cheaper to see first which of them were reached. */
const NARROW_MAX = 8;

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
  /** By state, 1 where a word ends in it that goes on from many places: `froms` says which. */
  readonly isWide: Uint8Array;
  /**
   * By state and group of 32 places that phrases go on from, those from which a wide word goes on. What is looked at
   * is what these have in common with the places that were reached, and that is little.
   */
  readonly froms: Int32Array;
  readonly groups: number;
  /** By bit of `froms`, counted over its groups, the place. */
  readonly placeOfBit: Int32Array;
  /** By state, its row in `stepsFrom`. */
  readonly row: Uint16Array;
  /** By row and bit, the first step from there; those from the same place follow it. */
  readonly stepsFrom: Uint16Array;
  /** By state, its first step; of a wide word, the first that begins a phrase. */
  readonly firstStep: Int32Array;
  /** By state, what comes after its last step. */
  readonly lastStep: Int32Array;
  readonly gates: Int32Array;
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
  /** The first of `STEP`, in its order. */
  readonly fields: readonly [place: number, finding: number, marks: number];
}

/** Returns the steps of each word. */
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

type Tables = Omit<CompiledRules, "findings" | "places" | "reach">;

function toTables(wordSteps: ReadonlyMap<string, readonly WordStep[]>): Tables {
  const { rows, ends } = toTree(wordSteps.keys());
  const next = new Uint16Array(rows.length << KIND_BITS);
  rows.forEach((row, state) => {
    for (let kind = FIRST_WORD_KIND; kind < 1 << KIND_BITS; kind++) {
      next[(state << KIND_BITS) | kind] = row[kind] ?? UNKNOWN_STATE;
    }
  });
  const byState = rows.map((_, state) => wordSteps.get(ends.get(state) ?? "") ?? []);
  const isKnown = Uint8Array.from(rows, (_, state) => (ends.has(state) ? 1 : 0));
  const isNegation = Uint8Array.from(rows, (_, state) =>
    NEGATIONS.includes(ends.get(state) ?? "") ? 1 : 0,
  );
  const isMarked = Uint8Array.from(byState, (own) =>
    own.some(({ fields: [, , marks] }) => marks !== 0) ? 1 : 0,
  );
  return { next, isKnown, isMarked, isNegation, ...toStepTables(byState) };
}

type StepTables = Omit<Tables, "next" | "isKnown" | "isMarked" | "isNegation">;

const toFrom = ({ gate }: WordStep): number => (gate < 0 ? -1 : gate >> GATE_BITS);

/** Orders the steps of each state by where they come from, those that begin a phrase last. */
function toStepTables(byState: readonly (readonly WordStep[])[]): StepTables {
  const origins = new Set(byState.flat().map(toFrom));
  // In the order of places: what a step reaches is later than what it comes from.
  const placeOfBit = Int32Array.from(origins)
    .filter((from) => from >= 0)
    .sort();
  const bits = new Map([...placeOfBit].map((place, bit) => [place, bit]));
  const groups = Math.ceil(bits.size / 32);
  const isWide = Uint8Array.from(byState, (own) =>
    own.filter(({ gate }) => gate >= 0).length > NARROW_MAX ? 1 : 0,
  );
  const froms = new Int32Array(byState.length * groups);
  const row = new Uint16Array(byState.length);
  const stepsFrom = new Uint16Array((isWide.filter((wide) => wide === 1).length * groups) << 5);
  const firstStep = new Int32Array(byState.length);
  const lastStep = new Int32Array(byState.length);
  const all: WordStep[] = [];
  let nextRow = 0;
  byState.forEach((own, state) => {
    if (isWide[state] === 1) row[state] = nextRow++;
    firstStep[state] = all.length;
    for (const step of own.toSorted((a, b) => toFrom(b) - toFrom(a))) {
      const bit = isWide[state] === 1 ? bits.get(toFrom(step)) : undefined;
      if (isWide[state] === 1 && step.gate >= 0) firstStep[state] = all.length + 1;
      const at = state * groups + ((bit ?? 0) >> 5);
      const isFirst = bit !== undefined && (((froms[at] as number) >>> (bit & 31)) & 1) === 0;
      if (isFirst) {
        froms[at] = (froms[at] as number) | (1 << (bit & 31));
        stepsFrom[(((row[state] as number) * groups) << 5) + bit] = all.length;
      }
      all.push(step);
    }
    lastStep[state] = all.length;
  });
  const toFields = ({ fields }: WordStep): number[] => {
    const bit = bits.get(fields[0]);
    return [...fields, ...(bit === undefined ? [0, 0] : [bit >> 5, 1 << (bit & 31)])];
  };
  return {
    ...{ isWide, froms, groups, placeOfBit, row, stepsFrom, firstStep, lastStep },
    gates: Int32Array.from(all, ({ gate }) => gate),
    steps: Int32Array.from(all.flatMap(toFields)),
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

import {
  BLACK_FLAG,
  BYTE_KINDS,
  DISGUISE,
  FIRST_WORD_KIND,
  KIND,
  KIND_BITS,
  toKind,
} from "./code-points.ts";
import { compileRules, GATE_BITS, STEP } from "./compiled-rules.ts";
import { RULES } from "./rules.ts";
import { TextShape } from "./text-shape.ts";
import { createFinding, type Finding, Findings } from "./threats.ts";

const COMPILED = compileRules(RULES);
// Constants of the module: the loop below runs for each byte of each message, and takes half the time with them.
const KINDS = BYTE_KINDS;
const NEXT = COMPILED.next;
const IS_KNOWN = COMPILED.isKnown;
const IS_MARKED = COMPILED.isMarked;
const IS_NEGATION = COMPILED.isNegation;
const IS_WIDE = COMPILED.isWide;
const FROMS = COMPILED.froms;
const GROUPS = COMPILED.groups;
const PLACE_OF_BIT = COMPILED.placeOfBit;
const ROW = COMPILED.row;
const STEPS_FROM = COMPILED.stepsFrom;
const FIRST_STEP = COMPILED.firstStep;
const LAST_STEP = COMPILED.lastStep;
const GATES = COMPILED.gates;
const STEPS = COMPILED.steps;
const { BLANK, STOP, COMMA, APOSTROPHE, TAG, CONTROL } = KIND;
const REACH = COMPILED.reach;
const { PLACE, FINDING, MARKS, GROUP, BIT, SIZE } = STEP;
const WITHIN = (1 << GATE_BITS) - 1;
const DISGUISED = createFinding("MALFORMED_INPUT", 0.9, "disguised-letters");
const SPACE = 0x20;
/** By place of a phrase, the number of the word that reached it last; of the one scan that is under way. */
const REACHED = new Int32Array(COMPILED.places);
/** Bits of the places that were reached and that phrases go on from; too long ago is found out where it matters. */
const OPEN = new Int32Array(GROUPS);
const FIRST_WIDE = 0x80;

/**
 * Scans texts for phrases and for what is odd about their characters, in time that is linear in their
 * bytes whatever they hold: a table look-up a byte, and a bounded number of steps a word. Phrases are
 * looked for in one text at a time, and in one sentence.
 */
export class TextScan {
  private readonly findings = new Findings();
  private readonly shape = new TextShape(this.findings);
  /** Of the present word; numbers jump at the end of a sentence, so that no phrase goes past it. */
  private word = COMPILED.reach + 1;
  /** The last negation; 0 where it says nothing about what follows. */
  private negation = 0;
  /** The last word of a phrase that does not look like what it says. */
  private disguised = 0;
  private hasDisguise = false;

  /** Begins a scan, which ends the one before: their tables are the same. */
  constructor() {
    REACHED.fill(0);
    OPEN.fill(0);
  }

  /** What was found in all texts so far, the surest first. */
  list(): readonly Finding[] {
    return this.findings.list();
  }

  /** Scans a text of valid UTF-8 that stands from one offset to another. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    this.endSentence();
    this.shape.beginText();
    let state = 0;
    // Of the present word: letters beyond ASCII, which may be disguised or hidden.
    let isOdd = false;
    let wordStart = start;
    let offset = start;
    while (offset < end) {
      const byte = bytes[offset] as number;
      let kind = KINDS[byte] as number;
      let size = 1;
      if (byte >= FIRST_WIDE) {
        size = toSize(byte);
        kind = this.takeWide(bytes, offset, size);
        isOdd = true;
      }
      if (kind >= FIRST_WORD_KIND) {
        if (state === 0) wordStart = offset;
        state = NEXT[(state << KIND_BITS) | kind] as number;
        // The rest of the word, as far as it is ASCII, in a loop that does nothing else.
        for (offset += size; offset < end; offset++) {
          kind = KINDS[bytes[offset] as number] as number;
          if (kind < FIRST_WORD_KIND) break;
          state = NEXT[(state << KIND_BITS) | kind] as number;
        }
        continue;
      }
      if (kind < APOSTROPHE) {
        if (isOdd) this.endOddWord(state, bytes, wordStart, offset, end);
        else if (IS_MARKED[state] === 1) this.endMarkedWord(state, bytes, wordStart, offset, end);
        else if (IS_KNOWN[state] === 1) this.endWord(state, 0);
        else if (state !== 0) this.word++;
        state = 0;
        isOdd = false;
        if (kind !== BLANK) this.takeMark(kind, bytes, offset, end);
      }
      offset += size;
    }
    this.endOddWord(state, bytes, wordStart, end, end);
    this.shape.endText();
  }

  private takeWide(bytes: Uint8Array, offset: number, size: number): number {
    const codePoint = toCodePoint(bytes, offset, size);
    const kind = toKind(codePoint);
    if (kind >= DISGUISE) {
      this.hasDisguise = true;
      return kind & (DISGUISE - 1);
    }
    if (kind >= APOSTROPHE ? kind <= TAG : kind === CONTROL || codePoint === BLACK_FLAG) {
      this.shape.takeWide(kind, codePoint, offset, size);
    }
    return kind;
  }

  private takeMark(kind: number, bytes: Uint8Array, offset: number, end: number): void {
    if (kind === STOP) {
      if (offset + 1 >= end || (bytes[offset + 1] as number) <= SPACE) this.endSentence();
    } else if (kind === COMMA) this.negation = 0;
    else this.shape.takeMark(kind, bytes, offset, end);
  }

  private endSentence(): void {
    this.word += COMPILED.reach + 1;
  }

  /** Ends a word of letters that are all what they look like. */
  private endWord(state: number, around: number): void {
    const word = ++this.word;
    // Later places first, so that no word counts for two places of one phrase.
    if (IS_WIDE[state] === 1) {
      for (let group = GROUPS - 1; group >= 0; group--) {
        const open = (OPEN[group] as number) & (FROMS[state * GROUPS + group] as number);
        if (open !== 0) this.goOn(state, around, group, open);
      }
    }
    const last = LAST_STEP[state] as number;
    for (let step = FIRST_STEP[state] as number; step < last; step++) {
      const gate = GATES[step] as number;
      if (gate < 0) {
        if (gate < -1 && word - this.negation < -gate) continue;
      } else if (word - (REACHED[gate >> GATE_BITS] as number) > (gate & WITHIN)) continue;
      this.take(step, around);
    }
    if (IS_NEGATION[state] === 1) this.negation = word;
  }

  /** Takes phrases further, by a wide word, that came to one of these places, as far as that is not too long ago. */
  private goOn(state: number, around: number, group: number, open: number): void {
    const { word } = this;
    const row = ((ROW[state] as number) * GROUPS + group) << 5;
    for (let rest = open; rest !== 0; ) {
      const bit = 31 - Math.clz32(rest);
      rest ^= 1 << bit;
      const from = PLACE_OF_BIT[(group << 5) | bit] as number;
      const distance = word - (REACHED[from] as number);
      if (distance > REACH) {
        OPEN[group] = (OPEN[group] as number) & ~(1 << bit);
        continue;
      }
      let step = STEPS_FROM[row | bit] as number;
      let gate = GATES[step] as number;
      do {
        if (distance <= (gate & WITHIN)) this.take(step, around);
        gate = ++step < GATES.length ? (GATES[step] as number) : -1;
      } while (gate >> GATE_BITS === from);
    }
  }

  /** Notes that a phrase came to the place of a step, where the marks around the word are as they must be. */
  private take(step: number, around: number): void {
    const at = step * SIZE;
    const marks = STEPS[at + MARKS] as number;
    if (marks !== 0 && !fitsMarks(marks, around)) return;
    REACHED[STEPS[at + PLACE] as number] = this.word;
    const group = STEPS[at + GROUP] as number;
    OPEN[group] = (OPEN[group] as number) | (STEPS[at + BIT] as number);
    const finding = STEPS[at + FINDING] as number;
    if (finding >= 0) this.find(COMPILED.findings[finding] as Finding);
  }

  /** Ends a word that may need marks around it. */
  private endMarkedWord(
    state: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    textEnd: number,
  ): void {
    const before = start > 0 ? (bytes[start - 1] as number) : 0;
    this.endWord(state, before | ((end < textEnd ? (bytes[end] as number) : 0) << 8));
  }

  /** Ends a word that may have characters beyond ASCII in it, where there is one. */
  private endOddWord(
    state: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    textEnd: number,
  ): void {
    const { shape } = this;
    if (state !== 0) {
      if (this.hasDisguise || shape.hiddenInWord > 0) {
        shape.endWord(end - start);
        this.disguised = this.word + 1;
      }
      this.endMarkedWord(state, bytes, start, end, textEnd);
    }
    this.hasDisguise = false;
    shape.hiddenInWord = 0;
  }

  private find(finding: Finding): void {
    this.findings.add(finding);
    if (this.word - this.disguised <= COMPILED.reach) this.findings.add(DISGUISED);
  }
}

function fitsMarks(marks: number, around: number): boolean {
  const [before, after] = [marks & 0xff, marks >> 8];
  return (before === 0 || before === (around & 0xff)) && (after === 0 || after === around >> 8);
}

function toSize(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function toCodePoint(bytes: Uint8Array, offset: number, size: number): number {
  const first = bytes[offset] as number;
  const second = (bytes[offset + 1] as number) & 0x3f;
  if (size === 2) return ((first & 0x1f) << 6) | second;
  const third = (bytes[offset + 2] as number) & 0x3f;
  if (size === 3) return ((first & 0x0f) << 12) | (second << 6) | third;
  const fourth = (bytes[offset + 3] as number) & 0x3f;
  return ((first & 0x07) << 18) | (second << 12) | (third << 6) | fourth;
}

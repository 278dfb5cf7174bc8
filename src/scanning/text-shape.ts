import { BLACK_FLAG, KIND } from "./code-points.ts";
import { createFinding, type Findings } from "./threats.ts";

/** As deep as a body may be; JSON inside a text is passed by the limits that hold for bodies. */
const TEXT_DEPTH_MAX = 32;
const HIDDEN_RUN_MAX = 7;
const HIDDEN_IN_WORD_MIN = 4;
const MARK_RUN_MAX = 7;
const SELECTOR_RUN_MAX = 3;
const CONTROLS_MAX = 15;
/** Bytes of one hidden character, and of letters between two of them where a word is taken apart. */
const HIDDEN_BYTES = 3;

const malformed = (confidence: number, rule: string) =>
  createFinding("MALFORMED_INPUT", confidence, rule);
const CONTROL_CHARACTERS = malformed(0.6, "control-characters");
const WORD_TAKEN_APART = malformed(0.85, "word-taken-apart");
const INVISIBLE_RUN = malformed(0.9, "invisible-run");
const STACKED_MARKS = malformed(0.85, "stacked-marks");
const SELECTOR_RUN = malformed(0.95, "selector-run");
const BIDIRECTIONAL_CONTROL = malformed(0.9, "bidirectional-control");
const NUL = malformed(0.95, "nul");
const TERMINAL_COMMAND = malformed(0.85, "terminal-command");
const TAG_CHARACTERS = malformed(0.95, "tag-characters");
const NESTED_TEXT = createFinding("EXCESSIVE_NESTING", 0.9, "nested-text");

const ESCAPE = 0x1b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACKET = 0x5b;
/** A flag's region is spelled in up to six tags, and one that ends it. */
const FLAG_TAGS_MAX = 7;
const TAG_END = 0xe007f;

/** Notes what is odd about a text's characters and brackets, whatever its words say. */
export class TextShape {
  private readonly findings: Findings;
  /** Characters of the present word that cannot be seen; whoever ends a word sets it to 0. */
  hiddenInWord = 0;
  private hiddenRun = 0;
  private markRun = 0;
  private selectorRun = 0;
  private controls = 0;
  private depth = 0;
  /** Tags that an emoji of a flag may still be spelled with. */
  private tagsLeft = 0;
  /** Where the last such character ends: runs are of neighbours. */
  private wideEnd = 0;

  constructor(findings: Findings) {
    this.findings = findings;
  }

  /** Begins another text. */
  beginText(): void {
    this.controls = 0;
    this.depth = 0;
    this.hiddenInWord = 0;
    this.endRuns();
    this.wideEnd = 0;
  }

  /** Ends the text. */
  endText(): void {
    if (this.controls > CONTROLS_MAX) this.findings.add(CONTROL_CHARACTERS);
  }

  /** Ends a word of so many bytes. */
  endWord(bytes: number): void {
    const hidden = this.hiddenInWord;
    const letters = bytes - hidden * HIDDEN_BYTES;
    if (hidden >= HIDDEN_IN_WORD_MIN && letters <= hidden * HIDDEN_BYTES) {
      this.findings.add(WORD_TAKEN_APART);
    }
  }

  /** Takes a character that is no letter, is not seen, or changes those beside it. */
  takeWide(kind: number, codePoint: number, offset: number, size: number): void {
    if (offset !== this.wideEnd) this.endRuns();
    this.wideEnd = offset + size;
    switch (kind) {
      case KIND.INVISIBLE:
      case KIND.JOINER:
        this.hiddenInWord++;
        if (++this.hiddenRun > HIDDEN_RUN_MAX) this.findings.add(INVISIBLE_RUN);
        return;
      case KIND.MARK:
        if (++this.markRun > MARK_RUN_MAX) this.findings.add(STACKED_MARKS);
        return;
      case KIND.SELECTOR:
        if (++this.selectorRun > SELECTOR_RUN_MAX) this.findings.add(SELECTOR_RUN);
        return;
      case KIND.TAG:
        return this.takeTag(codePoint);
      case KIND.CONTROL:
        return this.findings.add(BIDIRECTIONAL_CONTROL);
      default:
        this.endRuns();
        this.tagsLeft = codePoint === BLACK_FLAG ? FLAG_TAGS_MAX : 0;
    }
  }

  /** Takes a bracket or a control character of ASCII, or one that only looks like it. */
  takeMark(kind: number, bytes: Uint8Array, offset: number, end: number): void {
    if (kind === KIND.CLOSER) {
      if (this.depth > 0) this.depth--;
    } else if (kind === KIND.OPENER) {
      if (this.depth > TEXT_DEPTH_MAX || isColour(bytes, offset, end)) return;
      if (++this.depth > TEXT_DEPTH_MAX) this.findings.add(NESTED_TEXT);
    } else if ((bytes[offset] as number) < 0x80) {
      this.takeControl(bytes, offset, end);
    }
  }

  private takeControl(bytes: Uint8Array, offset: number, end: number): void {
    const byte = bytes[offset] as number;
    if (byte === 0) return this.findings.add(NUL);
    if (byte !== ESCAPE) {
      this.controls++;
      return;
    }
    // What only sets colours is in every log; this one sets titles, links and the clipboard.
    if (offset + 1 < end && bytes[offset + 1] === CLOSE_BRACKET)
      this.findings.add(TERMINAL_COMMAND);
  }

  private takeTag(codePoint: number): void {
    if (--this.tagsLeft < 0) this.findings.add(TAG_CHARACTERS);
    if (codePoint === TAG_END) this.tagsLeft = 0;
  }

  private endRuns(): void {
    this.hiddenRun = 0;
    this.markRun = 0;
    this.selectorRun = 0;
    this.tagsLeft = 0;
  }
}

const COLOUR_BYTES_MAX = 12;

/** Whether a bracket begins the rest of a terminal's colour, as `[1;31m`; logs are full of them. */
function isColour(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== OPEN_BRACKET) return false;
  const last = Math.min(end, start + COLOUR_BYTES_MAX);
  for (let offset = start + 1; offset < last; offset++) {
    const byte = bytes[offset] as number;
    if ((byte >= 0x30 && byte <= 0x39) || byte === 0x3b) continue;
    return byte === 0x6d || byte === 0x4b;
  }
  return false;
}

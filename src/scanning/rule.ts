import type { ThreatType } from "./threats.ts";

/** One place of a phrase: any of the words, not further than `within` words after the place before it. */
export interface Place {
  readonly words: readonly string[];
  readonly within: number;
}

/** A phrase that is a threat. */
export interface Rule {
  /** Stands in the log in place of the text. */
  readonly name: string;
  readonly threat: ThreatType;
  /** From 0 to 1; less than the usual threshold where harmless texts say it, too. */
  readonly confidence: number;
  /** Words before the first place in which a "not" makes the phrase harmless; 0 where none does. */
  readonly negatedWithin: number;
  readonly places: readonly Place[];
}

/** What makes "send it" its opposite; a comma ends its reach. */
export const NEGATIONS: readonly string[] = toWords(
  `not dont never no cannot cant wont shouldnt mustnt didnt doesnt isnt nobody without avoid refuse refuses
   nunca nicht niemals jamais ne neither nor rather against prevent prevents block blocks detect detects`,
);

/** Words of a text, which is for many words on a line. */
export function toWords(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/**
 * Reads a phrase: groups of words, separated by `|` and how far the next place may be from the one before:
 * `ignore forget |4 previous prior |3 instructions`. A word may stand between the marks it needs around
 * it, as in `[inst]`.
 */
export function toPlaces(phrase: string): Place[] {
  return phrase.split(/(?=\|\d)/).map((part) => {
    const [, distance = "0", words = ""] = /^(?:\|(\d+))?(.*)$/s.exec(part) ?? [];
    return { within: Number(distance), words: toWords(words) };
  });
}

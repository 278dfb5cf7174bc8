/** A slice of a commit's canonical JSON; `docs/protocol.md` §9.5. */
export interface CommitPart {
  /** The commit's number. */
  readonly n: number;
  /** From 0. */
  readonly index: number;
  readonly of: number;
  readonly text: string;
}

/**
 * A commit holds at most some requests' params, results and signed messages, all of them bounded by
 * an envelope; JSON's escapes make them longer.
 */
const COMMIT_PARTS_MAX = 128;

/**
 * Puts the parts of one commit together, in the order in which one subscription brings them;
 * `docs/protocol.md` §9.5.
 */
export class CommitParts {
  private n = 0;
  private of = 0;
  private texts: string[] = [];

  /**
   * Takes the next part.
   * @returns the commit's text with its last part; undefined before it; a `gap` where a part is missing
   */
  add(part: CommitPart): { readonly text: string } | "gap" | undefined {
    if (part.index === 0) this.start(part);
    if (
      part.of > COMMIT_PARTS_MAX ||
      part.n !== this.n ||
      part.of !== this.of ||
      part.index !== this.texts.length
    ) {
      this.clear();
      return "gap";
    }
    this.texts.push(part.text);
    if (this.texts.length < this.of) return undefined;
    const text = this.texts.join("");
    this.clear();
    return { text };
  }

  /** Forgets what has arrived of a commit: something else came, or the subscription is another one. */
  clear(): void {
    this.of = 0;
    this.texts = [];
  }

  private start({ n, of }: CommitPart): void {
    this.n = n;
    this.of = of;
    this.texts = [];
  }
}

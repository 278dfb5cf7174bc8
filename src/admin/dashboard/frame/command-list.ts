import { html } from "hono/html";
import type { Action, ActionParams, Filled } from "./action.ts";
import type { Markup } from "./markup.ts";

interface Use {
  readonly params: ActionParams;
  readonly filled: Filled;
}

/**
 * The commands of buttons in tables, where there is no room beside each: listed once for all rows, with
 * names in the place of what differs from row to row.
 */
export class CommandList {
  private readonly uses = new Map<Action, Use[]>();

  /** Notes a button of a row. */
  note(action: Action, { params = {}, filled = {} }: Partial<Use>): void {
    const uses = this.uses.get(action) ?? [];
    uses.push({ params, filled });
    this.uses.set(action, uses);
  }

  /** The list, below everything else of the page. */
  render(): Markup | "" {
    if (this.uses.size === 0) return "";
    return html`<aside class="commands" aria-labelledby="commands"><h2 id="commands">Same from the shell</h2><dl>${[
      ...this.uses,
    ].map(
      ([action, uses]) =>
        html`<div><dt>${action.label}</dt><dd><code>${toPattern(action, uses)}</code></dd></div>`,
    )}</dl></aside>`;
  }
}

function toPattern(action: Action, uses: readonly Use[]): string {
  const [first] = uses;
  if (first === undefined) return "";
  const command = action.toCommand(first.params, first.filled);
  return [...findVarying(uses, "params"), ...findVarying(uses, "filled")].reduce(
    (text, [name, value]) => text.replace(value, `<${name.replaceAll("_", "-")}>`),
    command,
  );
}

function findVarying(uses: readonly Use[], kind: keyof Use): (readonly [string, string])[] {
  const [first, ...others] = uses.map((use): Readonly<Record<string, string>> => use[kind]);
  return Object.entries(first ?? {}).filter(
    ([name, value]) => value !== "" && others.some((other) => other[name] !== value),
  );
}

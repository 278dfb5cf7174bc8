const PLAIN = /^[\w@%+=:,./-]+$/;

/** A text as a shell takes it for one argument. */
export function quote(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A command of `steward`: its words, quoted; what is undefined or empty is left out. */
export function toCommand(...words: readonly (string | undefined)[]): string {
  const given = words.filter((word) => word !== undefined && word !== "");
  return ["steward", ...given.map((word) => quote(String(word)))].join(" ");
}

/** A value that a form has not got yet, as a command's usage writes it. */
export function orName(value: string | undefined, name: string): string {
  return value === undefined || value === "" ? `<${name}>` : quote(value);
}

/** The names in a field that takes several, apart by spaces or commas. */
export function toNames(text: string): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== "");
}

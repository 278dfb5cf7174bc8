const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What posting sets itself, by the body and the connection. */
const OWN: ReadonlySet<string> = new Set(
  "connection content-length content-type expect host keep-alive te trailer transfer-encoding upgrade".split(
    " ",
  ),
);

/**
 * Parses the headers for a collector: `name=value`, separated by commas.
 * @returns values by names in lower case
 * @throws Error that names the header or where it stands, never a value; what it says is a problem's message
 */
export function parseCollectorHeaders(text: string): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [index, pair] of text.split(",").entries()) {
    if (pair.trim() === "") continue;
    const at = pair.indexOf("=");
    const given = pair.slice(0, Math.max(at, 0)).trim();
    // What is no name may be a value's end: it is not told.
    if (!NAME.test(given)) {
      const which = `entry ${index + 1} of the headers does not begin with a header's name and =`;
      throw new Error(`${which}: write name=value,name=value; a value cannot have a comma`);
    }
    const name = given.toLowerCase();
    const value = pair.slice(at + 1).trim();
    if (OWN.has(name)) throw new Error(`the header ${name} is set by steward itself: leave it out`);
    if (headers.has(name)) throw new Error(`the header ${name} stands there twice: leave one`);
    if (!VALUE.test(value)) {
      const what = `the header ${name} has a line break or another character that no header may have`;
      throw new Error(`${what}: write its value on one line, in Latin letters`);
    }
    headers.set(name, value);
  }
  return Object.fromEntries(headers);
}

/** No URL parser takes these for a part of host and port; some would cut them off without a word. */
const FOREIGN_CHARACTERS = /[/\\?#@%\s]/;

/**
 * Brings `host:port` into one form: lower case, IPv6 shortened, no dot at the end, the port always
 * there; without one the scheme's default is meant. Undefined where it is none;
 * `docs/protocol.md` §3.
 */
function toCanonical(authority: string, secure: boolean): string | undefined {
  if (FOREIGN_CHARACTERS.test(authority)) return undefined;
  const url = `${secure ? "https" : "http"}://${authority}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  return `${hostname.replace(/\.$/, "")}:${port || (secure ? 443 : 80)}`;
}

/**
 * Returns what tells whether a Hello's authority is that of a public URL. With `https://host` both
 * `host` and `host:443` are; `docs/protocol.md` §3.
 * @param publicUrl http, https, ws or wss
 */
export function createAuthorityCheck(publicUrl: string): (authority: string) => boolean {
  const { host, protocol } = new URL(publicUrl);
  const secure = protocol === "https:" || protocol === "wss:";
  const own = toCanonical(host, secure);
  return (authority) => toCanonical(authority, secure) === own;
}

/** What stands in the place of what may be a secret. */
export const HIDDEN = "[hidden]";

/**
 * Shows of a URL only where it leads: providers put keys into paths and queries.
 * @returns its origin, and `/[hidden]` where there is more
 */
export function toShownUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return HIDDEN;
  const isBare = url.pathname === "/" && url.search === "" && url.hash === "";
  return `${url.protocol}//${url.host}/${isBare ? "" : HIDDEN}`;
}

/** A page stays well under one envelope, whatever its characters take in UTF-8. */
const PAGE_CHARS_MAX = 1_000_000;

/**
 * Cuts a page from one row more than it may hold: by count, and before what strangers wrote into
 * the rows outgrows an envelope; one row always fits.
 * @param toChars about how much text a row brings along
 */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  toChars: (row: Row) => number,
): { readonly page: readonly Row[]; readonly hasMore: boolean } {
  let chars = 0;
  let count = 0;
  for (const row of rows.slice(0, limit)) {
    chars += toChars(row);
    if (count > 0 && chars > PAGE_CHARS_MAX) break;
    count++;
  }
  return { page: rows.slice(0, count), hasMore: rows.length > count };
}

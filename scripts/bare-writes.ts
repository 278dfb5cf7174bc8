const SQL_THAT_WRITES = /\b(?:INSERT (?:OR \w+ )?INTO|REPLACE INTO|DELETE FROM|UPDATE \w+ SET)\b/;
const BUILT_THAT_WRITES = /\bdb\s*\.\s*(?:insert|update|delete)\(/;
/** Beside a `Write` nothing runs a statement: what returns rows may write, too. */
const BARE =
  /(?<!\bwrite)\s*\.(?:run|exec)\(|\.returning\([^()]*(?:\([^()]*\)[^()]*)*\)\s*\.(?:get|all)\(/;
/** They begin and end transactions; the first hands out what others write by. */
const OWNERS = ["store/database.ts", "store/shared-reads.ts"];
/** What they write by. */
const WRITE = "store/write.ts";

/**
 * Says where a file of src writes to the database past a `Write`: statements that write stand in
 * src/store, and run on the `Write` that `Store.write` hands out.
 */
export function findBareWrites(file: string, text: string): string[] {
  if (OWNERS.includes(file)) return [];
  if (/\bnew Write\(/.test(text)) {
    return [`${file} makes a Write by itself: take the one that Store.write hands out`];
  }
  if (file === WRITE) return [];
  if (file.startsWith("store/")) {
    return BARE.test(text)
      ? [`${file} runs a statement by itself: take a Write first and use write.run or write.get`]
      : [];
  }
  return SQL_THAT_WRITES.test(text) || BUILT_THAT_WRITES.test(text)
    ? [
        `${file} has a statement that writes: move it to src/store, into a function that takes a Write`,
      ]
    : [];
}

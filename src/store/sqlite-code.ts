/** Returns the SQLite code of an error or of its cause, such as `SQLITE_CONSTRAINT_UNIQUE`. */
export function toSqliteCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === "string" && code.startsWith("SQLITE_")) return code;
  }
  return undefined;
}

/** Tells whether SQLite reported that the file itself can no longer be relied on. */
export function isFatal(error: unknown): boolean {
  const code = toSqliteCode(error);
  return code !== undefined && /^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(code);
}

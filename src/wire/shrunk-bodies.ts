/**
 * Bodies that are compressed, by type: what any member of a zone, or anybody, reads in it anyway. No secret
 * stands in them beside what others wrote; `docs/decisions/compression.md`.
 */
const SHRUNK_TYPES: ReadonlySet<unknown> = new Set([
  ...["zone.message", "zone.event", "zone.page", "zone.directory", "zone.manifest"],
  ...["zone.member_list", "zone.joined", "zone.create", "zone.update"],
]);

/** Tells whether a message with this body may be compressed. */
export function mayShrink(body: unknown): boolean {
  return SHRUNK_TYPES.has((body as { readonly type?: unknown } | undefined)?.type);
}

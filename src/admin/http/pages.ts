import { z } from "zod";

const PAGE_ITEMS_MAX = 500;
const PAGE_ITEMS = 50;

/** The query of every list; unknown parameters are refused, as a mistyped filter would list all. */
export const pageFields = {
  after: z.string().max(128).default(""),
  limit: z.coerce.number().int().min(1).max(PAGE_ITEMS_MAX).default(PAGE_ITEMS),
};
/** The query of a list that cannot be narrowed. */
export const pageSchema = z.strictObject(pageFields);
/** The query of a list whose items are numbered. */
export const seqPageSchema = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: pageFields.limit,
});

/** Of an answer; absent on the last page. */
export const nextField = z.union([z.string(), z.int()]).optional();

/** The schema of a list's answer; `next` is the cursor of the following page. */
export function toListSchema<const Field extends string, Item extends z.ZodType>(
  field: Field,
  item: Item,
) {
  return z.object({ [field]: z.array(item), next: nextField });
}

/** Cuts a page from one row more than it holds; `next` is the cursor of the following page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { toCursor, toItem }: { toCursor: (row: Row) => string; toItem: (row: Row) => Item },
): { items: Item[]; next?: string } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(toItem),
    ...(rows.length > limit && last !== undefined && { next: toCursor(last) }),
  };
}

import type { z } from "zod";
import { isOptionalField } from "../protocol/schema-fields.ts";
import { safeParse } from "./safe-parse.ts";

/** Whatever strangers leave out, no more of a schema's forms are kept. */
const FORMS_MAX = 16;

/**
 * Parses maps that mostly lack their optional fields: by a form of the schema without those that did not come, as
 * each costs its part where it is absent, too. What it returns lacks them.
 */
export class PresentFields<T extends z.ZodObject> {
  private readonly schema: T;
  private readonly optional: readonly string[];
  private readonly forms = new Map<number, z.ZodObject>();

  constructor(schema: T) {
    this.schema = schema;
    this.optional = Object.keys(schema.shape).filter((key) => isOptionalField(schema.shape[key]));
  }

  parse(fields: Readonly<Record<string, unknown>>): z.ZodSafeParseResult<z.output<T>> {
    let came = 0;
    for (let i = 0; i < this.optional.length; i++) {
      if ((fields[this.optional[i] as string] ?? null) !== null) came |= 1 << i;
    }
    const form = this.forms.get(came) ?? this.make(came);
    return safeParse(form, fields) as z.ZodSafeParseResult<z.output<T>>;
  }

  private make(came: number): z.ZodObject {
    if (this.forms.size >= FORMS_MAX) return this.schema;
    const mask: Record<string, true> = {};
    this.optional.forEach((key, i) => {
      if ((came & (1 << i)) === 0) mask[key] = true;
    });
    const form: z.ZodObject = this.schema.omit(mask as never);
    this.forms.set(came, form);
    return form;
  }
}

import type { html } from "hono/html";

/** What the `html` tag makes; it escapes every value that is put into it, but markup. */
export type Markup = ReturnType<typeof html>;

/** What may stand in markup. */
export type Shown = Markup | string | number | readonly Shown[] | undefined;

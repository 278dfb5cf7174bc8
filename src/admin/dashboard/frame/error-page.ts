import { html } from "hono/html";
import type { HttpError } from "../../../errors.ts";
import type { Markup } from "./markup.ts";

/** Shows an error as the API tells it: what is wrong, what to do, and how to find it in the log. */
export function renderError({ status, body }: HttpError, back: string): Markup {
  const { code, message, hint, details, request_id } = body.error;
  return html`<section class="card"><h1>${status === 404 ? "Not here" : "That did not work"}</h1>
<p class="notice bad" role="alert">${message}</p><p>${hint}</p>
<details><summary>More</summary><dl class="facts"><div><dt>code</dt><dd><code>${code}</code></dd></div>
<div><dt>request</dt><dd><code>${request_id}</code></dd></div></dl>
<pre tabindex="0">${JSON.stringify(details, null, 2)}</pre></details>
<p><a class="button" href="${back}">Back</a></p></section>`;
}

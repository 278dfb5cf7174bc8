import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";

const STYLE = `
html { background: Canvas; color: CanvasText; }
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h3 { font-size: 1rem; }
h2 { margin: 2rem 0 .5rem; }
details { border: 1px solid #8886; border-radius: .4rem; margin: .4rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary b { display: inline-block; min-width: 4.5rem; }
summary i { float: right; opacity: .8; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid #8884; padding: .2rem .6rem .2rem 0; text-align: left; vertical-align: top; }
pre { overflow: auto; max-height: 24rem; background: #8882; padding: .6rem; border-radius: .3rem; }
code { overflow-wrap: anywhere; }
`;
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** Nothing but the page's own style: no script, nothing from elsewhere, in no other page's frame. */
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** An operation of the document. */
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly { readonly token?: readonly string[] }[];
  readonly parameters: readonly JsonObject[];
  readonly requestBody?: { readonly content: Readonly<Record<string, JsonObject>> };
  readonly responses: Readonly<Record<string, JsonObject>>;
}

/** What of a document is shown. */
interface Shown {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

type Markup = ReturnType<typeof html>;

/** Renders the page that shows an OpenAPI document. */
export function renderReader(document: JsonObject): {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const { info, tags, paths } = document as unknown as Shown;
  const rows = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const own = rows.filter(({ operation }) => operation.tags.includes(name));
    return html`<h2>${name}</h2><p>${description}</p>${own.map(renderOperation)}`;
  });
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${info.title}</title><style>${raw(STYLE)}</style></head>
<body><main><h1>${info.title} <small>${info.version}</small></h1><p>${info.description}</p>
<p>The document itself: <a href="/openapi.json">/openapi.json</a></p>${sections}</main></body></html>`;
  return { html: String(page), headers: { "Content-Security-Policy": POLICY } };
}

function renderOperation(row: { path: string; method: string; operation: Operation }): Markup {
  const { path, method, operation } = row;
  const { operationId, summary, description, security, parameters, requestBody } = operation;
  const scope = security[0]?.token?.[0] ?? "public";
  const body = requestBody?.content["application/json"]?.schema;
  return html`<details id="${operationId}">
<summary><b>${method.toUpperCase()}</b> <code>${path}</code> <i>${scope}</i><br>${summary}</summary>
${description === undefined ? "" : html`<p>${description}</p>`}
${parameters.length === 0 ? "" : renderParameters(parameters)}
${body === undefined ? "" : html`<h3>Body</h3>${renderSchema(body)}`}
<h3>Answers</h3>${Object.entries(operation.responses).map(renderAnswer)}</details>`;
}

function renderParameters(parameters: readonly JsonObject[]): Markup {
  const rows = parameters.map(
    ({ name, in: place, required, schema }) =>
      html`<tr><td><code>${name}</code>${required ? " (required)" : ""}</td><td>${place}</td>
<td><code>${JSON.stringify(schema)}</code></td></tr>`,
  );
  return html`<table><tr><th>parameter</th><th>in</th><th>schema</th></tr>${rows}</table>`;
}

function renderAnswer([status, answer]: [string, JsonObject]): Markup {
  const content = answer.content as Readonly<Record<string, JsonObject>> | undefined;
  const schema = content?.["application/json"]?.schema as JsonObject | undefined;
  const isError = schema !== undefined && "$ref" in schema;
  return html`<p><b>${status}</b> ${answer.description}</p>
${schema === undefined || isError ? "" : renderSchema(schema)}`;
}

function renderSchema(schema: JsonValue): Markup {
  return html`<pre>${JSON.stringify(schema, null, 2)}</pre>`;
}

import { randomUUID } from "node:crypto";
import { html } from "hono/html";
import type { TokenScope } from "../../../store/admin/schema.ts";
import type { ParamName } from "../../http/params.ts";
import type { Markup, Shown } from "./markup.ts";
import { CSRF_FIELD } from "./own-form.ts";

/** A field of an action's form. */
export interface ActionField {
  readonly name: string;
  readonly label: string;
  /** Default `text`. */
  readonly type?: "text" | "number" | "textarea" | "select" | "checkbox";
  readonly options?: readonly (readonly [value: string, label: string])[];
  readonly value?: string;
  readonly hint?: string;
  readonly isRequired?: boolean;
  /** Characters. */
  readonly max?: number;
}

/** The names of a path, as an action's form carries them. */
export type ActionParams = Readonly<Partial<Record<ParamName, string>>>;
/** What was filled in, by field; an absent one was left empty. */
export type Filled = Readonly<Record<string, string>>;

/** Something that a page offers to do: an operation of `/v1`, and how it is asked for. */
export interface Action {
  /** `operationId` of the route that is run. */
  readonly operation: string;
  /** On the button. */
  readonly label: string;
  /** What was done, in the past: shown afterwards. */
  readonly done: string;
  readonly fields?: readonly ActionField[];
  /** Names of the path that are asked for where the page does not know them. */
  readonly paramFields?: readonly ActionField[];
  /** Makes the body, at a time in Unix seconds; may throw StewardError `invalid_request`. */
  readonly toBody?: (filled: Filled, now: number) => unknown;
  /** If-Match is the form's `epoch`. */
  readonly hasEpoch?: true;
  /** Asked before it is done, where it cannot be undone or moves money. */
  readonly confirm?: string;
  /** The command of the shell that does the same. */
  readonly toCommand: (params: ActionParams, filled: Filled) => string;
  /** Shows the answer on a page of its own: what is told only this once. */
  readonly show?: (body: Readonly<Record<string, unknown>>, params: ActionParams) => Markup;
  /** Where to go afterwards; default: the page it was asked for on. */
  readonly toNext?: (body: Readonly<Record<string, unknown>>, params: ActionParams) => string;
}

/** An action's form on a page. */
export interface ActionForm {
  readonly action: Action;
  readonly scope: TokenScope | undefined;
  readonly csrf: string;
  readonly params?: ActionParams | undefined;
  readonly epoch?: number | undefined;
  /** The page that it stands on. */
  readonly back: string;
  readonly filled?: Filled | undefined;
  /** Tells several forms of one action apart. */
  readonly label?: string | undefined;
  /** A button alone, in a row of a table; the command is its title. */
  readonly isCompact?: boolean | undefined;
}

/** Where forms of an action are sent. */
export function toActionPath(operation: string): string {
  return `/admin/do/${operation}`;
}

/** Renders the form of an action, with the command that does the same. */
export function renderActionForm(form: ActionForm): Markup {
  const { action, params = {}, filled = {}, isCompact = false, label } = form;
  const command = action.toCommand(params, filled);
  const button = html`<button class="${action.confirm === undefined ? (isCompact ? "" : "act") : "act danger"}"
${isCompact ? html`title="${command}"` : ""} ${label === undefined ? "" : html`aria-label="${label}"`}>${action.label}</button>`;
  if (isCompact) {
    return html`<form class="inline" method="post" action="${toActionPath(action.operation)}">${renderHidden(form)}${renderFilled(form)}<input type="hidden" name="compact" value="yes">${button}</form>`;
  }
  return html`<form class="action" method="post" action="${toActionPath(action.operation)}">${renderHidden(form)}
${findParamFields(form).map((field) => renderField(form, field, "p"))}
${(action.fields ?? []).map((field) => renderField(form, field, "f"))}
<p class="do">${button}</p>${renderCommand(command)}</form>`;
}

/**
 * Asks whether something is really to be done; the same form again, to be sent as it is. What was a button
 * alone is asked here for what it had no room for.
 */
export function renderConfirmation(form: ActionForm, key: string): Markup {
  const { action, params = {}, filled = {}, back, isCompact = false } = form;
  return html`<section class="card confirm"><h1>${action.label}</h1><p>${action.confirm}</p>
<dl class="facts">${[...Object.entries(params), ...Object.entries(filled)].map(
    ([name, value]) =>
      html`<div><dt>${name.replaceAll("_", " ")}</dt><dd><code>${value}</code></dd></div>`,
  )}</dl>
<form method="post" action="${toActionPath(action.operation)}">${renderHidden(form, key)}
${renderFilled(form)}${isCompact ? findUnfilled(form).map((field) => renderField(form, field, "f")) : ""}
<input type="hidden" name="confirmed" value="yes"><p class="do"><button class="act danger">${action.label}</button>
<a class="button" href="${back}">Leave it</a></p></form>
${renderCommand(action.toCommand(params, filled))}</section>`;
}

/** Shows the command of the shell that does the same. */
export function renderCommand(command: string): Markup {
  return html`<p class="command"><span>Same from the shell</span> <code>${command}</code></p>`;
}

function renderHidden(
  { csrf, params = {}, epoch, back }: ActionForm,
  key: string = randomUUID(),
): Markup {
  const fields: readonly (readonly [string, string])[] = [
    [CSRF_FIELD, csrf],
    ["key", key],
    ["back", back],
    ...Object.entries(params).map(([name, value]) => [`p.${name}`, value] as const),
    ...(epoch === undefined ? [] : [["epoch", String(epoch)] as const]),
  ];
  return html`${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`;
}

/** What is filled in already, where its fields are not shown. */
function renderFilled({ filled = {} }: ActionForm): Markup {
  return html`${Object.entries(filled).map(
    ([name, value]) => html`<input type="hidden" name="f.${name}" value="${value}">`,
  )}`;
}

/** What a button alone had no room to ask for. */
function findUnfilled({ action, filled = {} }: ActionForm): readonly ActionField[] {
  return (action.fields ?? []).filter(({ name }) => filled[name] === undefined);
}

function findParamFields({ action, params = {} }: ActionForm): readonly ActionField[] {
  return (action.paramFields ?? []).filter(({ name }) => params[name as ParamName] === undefined);
}

function renderField(
  { action: { operation }, filled = {} }: ActionForm,
  field: ActionField,
  kind: "p" | "f",
): Markup {
  const { name, label, type = "text", hint, isRequired = false, max } = field;
  const id = `${operation}-${name}`;
  const value = filled[name] ?? field.value ?? "";
  const attributes: Shown = html`id="${id}" name="${kind}.${name}" ${isRequired ? "required" : ""} ${max === undefined ? "" : html`maxlength="${max}"`} ${hint === undefined ? "" : html`aria-describedby="${id}-hint"`}`;
  const input = (): Markup => {
    if (type === "textarea") {
      return html`<textarea ${attributes} rows="6" spellcheck="false">${value}</textarea>`;
    }
    if (type === "select") {
      return html`<select ${attributes}>${(field.options ?? []).map(
        ([option, text]) =>
          html`<option value="${option}" ${option === value ? "selected" : ""}>${text}</option>`,
      )}</select>`;
    }
    if (type === "checkbox") {
      return html`<input type="checkbox" ${attributes} value="yes" ${value === "yes" ? "checked" : ""}>`;
    }
    return html`<input type="${type}" ${attributes} value="${value}" autocomplete="off">`;
  };
  return html`<div class="field"><label for="${id}">${label}${isRequired ? "" : html` <span class="quiet">optional</span>`}</label>${input()}
${hint === undefined ? "" : html`<p id="${id}-hint" class="quiet">${hint}</p>`}</div>`;
}

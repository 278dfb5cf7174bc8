import type { TestSteward } from "../../support/steward.ts";

/** What came back, as text. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What a request is sent with beside the cookie. */
export interface Sending {
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests to the dashboard as a browser does: keeps its cookie, says where a form is from. */
export class Browser {
  private readonly httpUrl: string;
  cookie = "";

  constructor({ httpUrl }: Pick<TestSteward, "httpUrl">) {
    this.httpUrl = httpUrl;
  }

  /** Asks for a path; redirects are not followed. */
  async open(path: string, { form, headers = {} }: Sending = {}): Promise<PageAnswer> {
    const response = await fetch(`${this.httpUrl}${path}`, {
      method: form === undefined ? "GET" : "POST",
      redirect: "manual",
      headers: {
        ...(this.cookie !== "" && { cookie: this.cookie }),
        ...(form !== undefined && {
          "content-type": "application/x-www-form-urlencoded",
          origin: this.httpUrl,
          "sec-fetch-site": "same-origin",
        }),
        ...headers,
      },
      ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
    });
    const text = await response.text();
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) this.cookie = set.split(";")[0] ?? "";
    return { status: response.status, headers: response.headers, text };
  }

  /** Logs in with a token. */
  login(token: string, headers: Readonly<Record<string, string>> = {}): Promise<PageAnswer> {
    return this.open("/admin/login", { form: { token, next: "/admin" }, headers });
  }

  /** Sends the form of an operation that a page shows, filled in; `at` tells several of them apart. */
  async submit(
    path: string,
    operation: string,
    filled: Readonly<Record<string, string>> = {},
    at = 0,
  ): Promise<PageAnswer> {
    const page = await this.open(path);
    return this.open(`/admin/do/${operation}`, {
      form: { ...findForm(page.text, operation, at), ...filled },
    });
  }
}

/** The hidden fields of an operation's form on a page. Throws Error where it has none. */
export function findForm(page: string, operation: string, at = 0): Record<string, string> {
  const forms = page.split("<form").slice(1);
  const own = forms.filter((form) => form.includes(`action="/admin/do/${operation}"`));
  const form = own[at]?.split("</form>")[0];
  if (form === undefined) throw new Error(`The page has no form for ${operation}.`);
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  return Object.fromEntries(fields.map(([, name, value]) => [name, unescapeHtml(String(value))]));
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** Opens a page again until it is as expected; within two seconds. Throws Error where it never is. */
export async function waitForPage(
  browser: Browser,
  path: string,
  isThere: (text: string) => boolean,
): Promise<string> {
  for (const endMs = performance.now() + 2000; performance.now() < endMs; ) {
    const { text } = await browser.open(path);
    if (isThere(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${path} never was as expected.`);
}

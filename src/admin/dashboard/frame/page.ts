import type { Markup } from "./markup.ts";
import type { View } from "./view.ts";

/** A page of the dashboard. */
export interface Page {
  /** Below `/admin`, with Hono's `:name` for what varies. */
  readonly path: string;
  /** In the navigation under this name, for tokens that may read `operation`. */
  readonly nav?: string;
  /** The operation of `/v1` that the page needs: whose scope is the page's. */
  readonly operation: string;
  readonly render: (view: View) => Promise<{ readonly title: string; readonly body: Markup }>;
}

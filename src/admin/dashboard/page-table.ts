import type { Action } from "./frame/action.ts";
import type { Page } from "./frame/page.ts";
import type { PageDeps } from "./frame/page-deps.ts";
import { createOverviewPages } from "./pages/overview.ts";
import { createZonePages } from "./pages/zone.ts";
import { ZONE_ACTIONS } from "./pages/zone-actions.ts";
import { createZoneListPages } from "./pages/zones.ts";

/** Every page, in the order of the navigation. */
export function createPageTable(deps: PageDeps): readonly Page[] {
  return [...createOverviewPages(deps), ...createZoneListPages(), ...createZonePages(deps)];
}

/** Everything that pages offer to do. */
export const ACTIONS: readonly Action[] = [...ZONE_ACTIONS];

import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";
import { createRoute, type Route } from "../http/route.ts";
import { toShownConfig } from "../shown-config.ts";

const keys = z.array(z.string());

/** `/v1/config`: what is in force, and its reading anew, as SIGHUP does. */
export function createConfigRoutes(deps: Pick<AdminDeps, "config" | "reload">): Route[] {
  return [createReading(deps), createReload(deps)];
}

function createReading({ config }: Pick<AdminDeps, "config">): Route {
  return createRoute({
    id: "getConfig",
    method: "GET",
    path: "/v1/config",
    tag: "service",
    summary: "The configuration in force, without secrets",
    description: "Of URLs only where they lead: providers of nodes put keys into paths.",
    scope: "admin",
    answers: { 200: z.object({ config: z.looseObject({}) }) },
    kind: "read",
    read: () => ({ status: 200, body: { config: toShownConfig(config) } }),
  });
}

function createReload({ reload }: Pick<AdminDeps, "reload">): Route {
  return createRoute({
    id: "reloadConfig",
    method: "POST",
    path: "/v1/config/reload",
    tag: "service",
    summary: "Reads the configuration again, and puts into force what can be without a restart",
    description:
      "Limits, handlers, retention, scanner and log level. The answer has the keys that changed and those that need a restart. Where anything is wrong nothing changes, and `details.problems` has each key, what is wrong, and who set it.",
    scope: "admin",
    answers: { 200: z.object({ changed: keys, restart: keys }) },
    errors: ["conflict", "invalid_request"],
    kind: "change",
    change: () => {
      if (reload === undefined) {
        throw new StewardError("conflict", {
          message:
            "This steward was not started by `steward start`: it has no configuration to read.",
        });
      }
      const outcome = reload();
      if (outcome.ok) {
        const { changed, restart } = outcome;
        return { status: 200, body: { changed, restart } };
      }
      const { problems } = outcome;
      throw new StewardError("invalid_request", {
        message: `The configuration has ${problems.length} problem(s); nothing changed.`,
        details: { problems },
      });
    },
  });
}

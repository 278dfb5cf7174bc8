import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";
import { createRoute, type Route } from "../http/route.ts";

const keys = z.array(z.string());

/** `/v1/config/reload`: reads the configuration again, as SIGHUP does. */
export function createConfigRoutes({ reload }: Pick<AdminDeps, "reload">): Route[] {
  return [
    createRoute({
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
    }),
  ];
}

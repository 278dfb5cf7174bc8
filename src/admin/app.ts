import { Hono } from "hono";
import { StewardError } from "../errors.ts";
import { answerError, guardAnswers } from "./answers.ts";
import { requireToken } from "./auth.ts";
import { createClaimRoutes } from "./claims.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { createEscrowRoutes } from "./escrows.ts";
import { createHealthRoutes } from "./health.ts";
import { createInviteRoutes } from "./invites.ts";
import { createMemberRoutes } from "./members.ts";
import { createBookRoutes, createPaymentRoutes } from "./payments.ts";
import { createProviderRoutes } from "./providers.ts";
import { createSessionRoutes } from "./sessions.ts";
import { createTokenRoutes } from "./token-routes.ts";
import { createWireBanRoutes } from "./wire-bans.ts";
import { createZoneBanRoutes } from "./zone-bans.ts";
import { createZoneLogRoutes } from "./zone-log.ts";
import { createZoneRoutes } from "./zones.ts";

export type { AdminDeps };

/** Puts the admin API together: public routes, and `/v1` under a bearer token. */
export function createAdminApp(deps: AdminDeps): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();
  app.use(guardAnswers(deps));
  app.onError((error, context) => answerError(deps, context, error));
  app.notFound((context) => answerError(deps, context, new StewardError("not_found")));
  app.route("/", createHealthRoutes(deps));
  app.use("/v1/*", requireToken(deps));
  app.route("/v1/zones", createZoneRoutes(deps));
  app.route("/v1/zones", createMemberRoutes(deps));
  app.route("/v1/zones", createZoneBanRoutes(deps));
  app.route("/v1/zones", createInviteRoutes(deps));
  app.route("/v1/zones", createProviderRoutes(deps));
  app.route("/v1/zones", createZoneLogRoutes(deps));
  app.route("/v1/payments", createPaymentRoutes(deps));
  app.route("/v1", createBookRoutes(deps));
  app.route("/v1/claims", createClaimRoutes(deps));
  app.route("/v1/escrows", createEscrowRoutes(deps));
  app.route("/v1/sessions", createSessionRoutes(deps));
  app.route("/v1/bans", createWireBanRoutes(deps));
  app.route("/v1/tokens", createTokenRoutes(deps));
  return app;
}

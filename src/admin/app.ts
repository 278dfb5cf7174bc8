import { Hono } from "hono";
import { StewardError } from "../errors.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { answerError, guardAnswers } from "./http/answers.ts";
import { requireToken } from "./http/auth.ts";
import { createClaimRoutes } from "./routes/claims.ts";
import { createEscrowRoutes } from "./routes/escrows.ts";
import { createHealthRoutes } from "./routes/health.ts";
import { createInviteRoutes } from "./routes/invites.ts";
import { createMemberRoutes } from "./routes/members.ts";
import { createBookRoutes, createPaymentRoutes } from "./routes/payments.ts";
import { createProviderRoutes } from "./routes/providers.ts";
import { createReplicaRoutes } from "./routes/replicas.ts";
import { createSessionRoutes } from "./routes/sessions.ts";
import { createPromoteRoutes, createStewardRoutes } from "./routes/stewards.ts";
import { createTokenRoutes } from "./routes/tokens.ts";
import { createWireBanRoutes } from "./routes/wire-bans.ts";
import { createZoneBanRoutes } from "./routes/zone-bans.ts";
import { createZoneLogRoutes } from "./routes/zone-log.ts";
import { createZoneRoutes } from "./routes/zones.ts";

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
  app.route("/v1/zones", createStewardRoutes(deps));
  app.route("/v1/replicas", createReplicaRoutes(deps));
  app.route("/v1/replicas", createPromoteRoutes(deps));
  app.route("/v1/payments", createPaymentRoutes(deps));
  app.route("/v1", createBookRoutes(deps));
  app.route("/v1/claims", createClaimRoutes(deps));
  app.route("/v1/escrows", createEscrowRoutes(deps));
  app.route("/v1/sessions", createSessionRoutes(deps));
  app.route("/v1/bans", createWireBanRoutes(deps));
  app.route("/v1/tokens", createTokenRoutes(deps));
  return app;
}

import { Hono } from "hono";
import { StewardError } from "../errors.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { answerError, guardAnswers } from "./http/answers.ts";

const RETRY_MS = 1000;

/** Answers while the steward starts: it is live, and whoever wants more is to ask again. */
export function createStartingApp({ log }: Pick<AdminDeps, "log">): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();
  // Nothing that is answered here was read or written.
  app.use(guardAnswers({ log, store: { committed: () => Promise.resolve() } }));
  app.onError((error, context) => answerError({ log }, context, error));
  app.get("/livez", (context) => context.json({ status: "live" }));
  app.notFound((context) => answerError({ log }, context, toStarting()));
  return app;
}

function toStarting(): StewardError {
  return new StewardError("not_ready", {
    message: "Not ready: the steward is starting.",
    details: { failing: ["starting"] },
    retryAfterMs: RETRY_MS,
  });
}

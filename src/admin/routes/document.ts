import { z } from "zod";
import type { JsonObject } from "../../protocol/json.ts";
import { createRoute, type Route } from "../http/route.ts";
import { renderReader } from "./reader-page.ts";

/** `/openapi.json` and `/docs`: the API's document, and a page that shows it. */
export function createDocumentRoutes(makeDocument: () => JsonObject): Route[] {
  let made: JsonObject | undefined;
  const getDocument = (): JsonObject => {
    made ??= makeDocument();
    return made;
  };
  const document = createRoute({
    id: "getOpenApi",
    method: "GET",
    path: "/openapi.json",
    tag: "service",
    summary: "This document, OpenAPI 3.1",
    scope: undefined,
    answers: { 200: z.looseObject({ openapi: z.string() }) },
    kind: "read",
    read: () => ({ status: 200, body: getDocument() }),
  });
  const reader = createRoute({
    id: "getReader",
    method: "GET",
    path: "/docs",
    tag: "service",
    summary: "This document, for people",
    scope: undefined,
    answers: { 200: "text/html" },
    kind: "read",
    read: () => ({ status: 200, ...renderReader(getDocument()) }),
  });
  return [document, reader];
}

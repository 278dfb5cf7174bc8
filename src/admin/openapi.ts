import { z } from "zod";
import type { ErrorCode } from "../error-catalogue.ts";
import { findErrorRow } from "../errors.ts";
import type { JsonObject } from "../protocol/json.ts";
import { readVersion } from "../version.ts";
import { KEY_PATTERN } from "./http/idempotency.ts";
import { listParams, PARAMS } from "./http/params.ts";
import type { Route } from "./http/route.ts";

const TAGS = {
  service: "How the service is; public",
  zones: "Zones, their envelopes and logs",
  members: "Who takes part in a zone, and who may not",
  money: "Payments, refunds, escrows, the books",
  replication: "Zones that more than one steward holds",
  peers: "Who is connected",
  access: "Who may use this API",
  backups: "Copies of everything, made while the service goes on",
  webhooks: "Where what happens is sent, signed and at least once",
};
const ERROR = { $ref: "#/components/schemas/Error" };
const JSON_TYPE = "application/json";
const SAFE_INTEGER = Number.MAX_SAFE_INTEGER;

const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.looseObject({
      reason: z.string().optional(),
      category: z.string(),
      recovery: z.string(),
    }),
    hint: z.string(),
    request_id: z.string(),
  }),
});

/** Makes the OpenAPI 3.1 document of the routes that are served. */
export function toOpenApi(routes: readonly Route[]): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of routes) {
    const item = paths[route.path] ?? {};
    paths[route.path] = item;
    item[route.method.toLowerCase()] = toOperation(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "zone-steward admin API",
      version: readVersion(),
      description:
        "Lists are paged: pass next as after. A POST takes an Idempotency-Key, and asked again with it repeats its answer for a day. Times are Unix seconds, amounts decimal strings in the smallest unit.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "A token of `steward token create`; the role is the least scope that may.",
        },
      },
      schemas: { Error: toAnswerSchema(errorBody) },
    },
  };
}

function toOperation(route: Route): JsonObject {
  const { id, tag, summary, description, scope, body, isBodyOptional = false } = route;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: scope === undefined ? [] : [{ token: [scope] }],
    parameters: [...toPathParameters(route), ...toQueryParameters(route), ...toHeaders(route)],
    ...(body !== undefined && {
      requestBody: {
        required: !isBodyOptional,
        content: { [JSON_TYPE]: { schema: toInputSchema(body) } },
      },
    }),
    responses: { ...toAnswers(route), ...toRefusals(route) },
  };
}

function toPathParameters({ path }: Route): JsonObject[] {
  return listParams(path).map((name) => {
    const { schema, description } = PARAMS[name];
    return { name, in: "path", required: true, description, schema: toInputSchema(schema) };
  });
}

function toQueryParameters({ query }: Route): JsonObject[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = toInputSchema(query) as {
    properties?: Record<string, JsonObject>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function toHeaders({ method, scope, ifMatch, readsLastEventId }: Route): JsonObject[] {
  const headers: JsonObject[] = [];
  if (readsLastEventId) {
    const schema = { type: "string", pattern: "^[0-9]{1,15}$" };
    headers.push({ name: "Last-Event-ID", in: "header", required: false, schema });
  }
  if (ifMatch !== undefined) {
    const schema = { type: "string" };
    headers.push({ name: "If-Match", in: "header", required: ifMatch === "required", schema });
  }
  if (method === "POST" && scope !== undefined) {
    const schema = { type: "string", pattern: KEY_PATTERN.source };
    headers.push({ name: "Idempotency-Key", in: "header", required: false, schema });
  }
  return headers;
}

function toAnswers({ answers, toHeaders: toNames }: Route): Record<string, JsonObject> {
  const names = Object.keys(toNames?.({ id: "", epoch: 1 }) ?? {});
  const headers = Object.fromEntries(names.map((name) => [name, { schema: { type: "string" } }]));
  const entries = Object.entries(answers).map(([status, schema]): [string, JsonObject] => {
    if (schema === null) return [status, { description: "Done" }];
    const content =
      typeof schema === "string"
        ? { [schema]: { schema: { type: "string" } } }
        : { [JSON_TYPE]: { schema: toAnswerSchema(schema) } };
    return [status, { description: "Done", ...(names.length > 0 && { headers }), content }];
  });
  return Object.fromEntries(entries);
}

/** Refusals by status, each with its codes. */
function toRefusals(route: Route): Record<string, JsonObject> {
  const codes = new Map<string, Set<string>>();
  const add = (status: number, text: string) => {
    const known = codes.get(String(status)) ?? new Set();
    codes.set(String(status), known.add(text));
  };
  for (const code of listCodes(route)) {
    const { http, name } = findErrorRow(code);
    add(http, name);
  }
  // Of chains that do not answer, and wallets without gas.
  if (route.errors?.includes("internal")) add(503, "internal");
  return Object.fromEntries(
    [...codes].map(([status, names]) => [
      status,
      {
        description: [...names].join(", "),
        content: { [JSON_TYPE]: { schema: ERROR } },
      },
    ]),
  );
}

function listCodes({ path, method, scope, body, ifMatch, errors = [] }: Route): ErrorCode[] {
  const isAsked = scope !== undefined || body !== undefined;
  return [
    ...(isAsked ? (["invalid_request"] as const) : []),
    ...(scope === undefined ? [] : (["unauthorized", "rate_limited"] as const)),
    ...(scope === undefined || scope === "read" ? [] : (["forbidden"] as const)),
    ...listParams(path).map((name) => PARAMS[name].code),
    ...(method === "POST" && scope !== undefined ? (["conflict"] as const) : []),
    ...(ifMatch === undefined ? [] : (["precondition_failed"] as const)),
    ...(ifMatch === "required" ? (["precondition_required"] as const) : []),
    ...(body === undefined ? [] : (["payload_too_large", "unsupported_media_type"] as const)),
    ...errors,
    "internal",
    "not_ready",
  ];
}

function toInputSchema(schema: z.ZodType): JsonObject {
  return toJsonSchema(schema, "input");
}

/** Answers may get more fields; readers must not mind. */
function toAnswerSchema(schema: z.ZodType): JsonObject {
  return toJsonSchema(schema, "output");
}

function toJsonSchema(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // Every integer is one that JSON can carry.
      if (jsonSchema.maximum === SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === -SAFE_INTEGER) delete jsonSchema.minimum;
      if (io === "output" && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties;
      }
    },
  });
  return made as JsonObject;
}

import type { z } from "zod";
import type { ErrorCode } from "../../error-catalogue.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { TokenScope } from "../../store/admin/schema.ts";
import type { Write } from "../../store/database.ts";
import type { AdminToken } from "../deps.ts";
import type { ParamName } from "./params.ts";
import type { EpochMatch } from "./preconditions.ts";

/** The names in braces of a path. */
type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamsOf<Rest>
  : never;

/** What a route answers with; in place of a body `html` for people, or `text` of the type that `headers` name. */
export interface Reply {
  readonly status: number;
  readonly body?: object;
  readonly html?: string;
  readonly text?: string | ReadableStream<Uint8Array>;
  /** Beside those that follow from the body. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A parsed request. */
export interface Call<Params extends string = ParamName, Query = unknown, Body = unknown> {
  readonly params: Readonly<Record<Params, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Checks If-Match in the write that replaces what it names. */
  readonly match: EpochMatch;
  /** Who asks; of public routes nobody. */
  readonly token: AdminToken;
  /** Where a reader of events goes on; of routes that read it. */
  readonly lastEventId?: string | undefined;
}

/** What the document and the parsing of a request are made of. */
interface RouteFacts<Path extends string, Query extends z.ZodType, Body extends z.ZodType> {
  /** `operationId` of the document; stable. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With `{name}` for what is a row of `params.ts`. */
  readonly path: Path;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Undefined for public routes. */
  readonly scope: TokenScope | undefined;
  /** None means that a query is refused under `/v1`. */
  readonly query?: Query;
  readonly body?: Body;
  /** An absent body is `{}`. */
  readonly isBodyOptional?: boolean;
  /** In the place of the schema's own parsing, where that could not say what is wrong. */
  readonly parseBody?: (body: unknown) => z.output<Body>;
  readonly ifMatch?: "required" | "optional";
  /** Takes the header Last-Event-ID. */
  readonly readsLastEventId?: true;
  /** By status; null has no body, a text is the type of one that is no JSON. */
  readonly answers: Readonly<Record<number, z.ZodType | string | null>>;
  /** Codes beside those that follow from scope, input and headers. */
  readonly errors?: readonly ErrorCode[];
  /** Headers that follow from the answer's body; repeated with it. */
  readonly toHeaders?: (body: JsonObject) => Readonly<Record<string, string>>;
  /** Fields of the answer that are shown once: neither kept for a repetition nor in the audit log. */
  readonly shownOnce?: readonly string[];
  /** Fields of the body that the audit log does not show. */
  readonly secretInput?: readonly string[];
  /**
   * What the audit log shows of what is changed, before and after; the answer's body is there after.
   * It must hold no secret and be short.
   */
  readonly look?: (
    call: Call<ParamsOf<Path>, z.output<Query>, z.output<Body>>,
    answer: JsonObject | undefined,
  ) => unknown;
}

/** Keeps the answer of an Idempotency-Key in the write of the effect. */
export type KeepAnswer = (write: Write, reply: Reply) => void;

/** How a route works, by what it does to the steward. */
export type RouteWork<C> =
  | { readonly kind: "read"; readonly read: (call: C) => Reply | Promise<Reply> }
  | {
      readonly kind: "change";
      /** Runs in one write with its entry in the audit log and the answer that a key keeps. */
      readonly change: (write: Write, call: C) => Reply;
      /** Called after a change was refused and undone. */
      readonly refused?: (error: unknown, call: C) => void;
    }
  | {
      readonly kind: "order";
      /**
       * Its end is a moment that the answer stands for: what came of it is noted right after the answer,
       * where no Idempotency-Key asks to keep that.
       */
      readonly isAnsweredAtEnd?: true;
      /** Waits for a chain or another steward; its entry in the audit log is there before it begins. */
      readonly run: (call: C, keep: KeepAnswer) => Promise<Reply>;
    };

/** A row of the table that the running API and its document are made of. */
export type Route = RouteFacts<string, z.ZodType, z.ZodType> & RouteWork<Call>;

/** Creates a row; the call it works on has the types of its path, query and body. */
export function createRoute<
  const Path extends string,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(
  route: RouteFacts<Path, Query, Body> &
    RouteWork<Call<ParamsOf<Path> & ParamName, z.output<Query>, z.output<Body>>>,
): Route {
  // What parses a request parses it by this very row.
  return route as unknown as Route;
}

import type { ErrorCategory, Recovery } from "./error-catalogue.ts";

/** Whose failure it is. */
export type ForeignKind = "dns" | "tcp" | "tls" | "http" | "rpc" | "sqlite" | "system";

/** A failure of a library, of the system or of another machine, as people are told of it. */
export interface ForeignRow {
  readonly kind: ForeignKind;
  /** Codes as they are; those that end in `*` are what a code begins with. */
  readonly codes: readonly string[];
  readonly category: ErrorCategory;
  readonly recovery: Recovery;
  /** What happened. */
  readonly what: string;
  /** What to do. */
  readonly todo: string;
}

/** What is known of a thrown value that is none of the catalogue's. */
export interface ForeignFailure {
  readonly kind: ForeignKind;
  readonly code: string;
  readonly category: ErrorCategory;
  readonly recovery: Recovery;
  /** What happened — what to do. */
  readonly hint: string;
}

const DEPTH_MAX = 8;

/**
 * Failures of others, by the code that the library or the system gives them; `docs/errors.md`. JSON-RPC's
 * numbers are codes, an HTTP status is `HTTP_` and the number.
 */
export const FOREIGN_ERRORS: readonly ForeignRow[] = [
  {
    ...{ kind: "dns", codes: ["ENOTFOUND", "ENODATA"], category: "input", recovery: "change" },
    what: "no host has this name",
    todo: "correct the name in the address",
  },
  {
    ...{ kind: "dns", codes: ["EAI_AGAIN", "ESERVFAIL", "ETIMEOUT"] },
    ...{ category: "availability", recovery: "retry" },
    what: "the name server did not answer",
    todo: "look at this machine's network and name servers, and try again",
  },
  {
    ...{ kind: "tcp", codes: ["ECONNREFUSED"], category: "availability", recovery: "retry" },
    what: "nothing listens at this address and port",
    todo: "start what should answer there, or correct the address",
  },
  {
    ...{ kind: "tcp", codes: ["ECONNRESET", "EPIPE", "ECONNABORTED", "UND_ERR_SOCKET"] },
    ...{ category: "availability", recovery: "reconcile" },
    what: "the other side ended the connection before its answer did",
    todo: "look whether what was asked had its effect, and look at the other side's log",
  },
  {
    ...{ kind: "tcp", codes: ["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT"] },
    ...{ category: "availability", recovery: "retry" },
    what: "nobody answered the attempt to connect",
    todo: "look whether the host is up and no firewall is between, and try again",
  },
  {
    ...{ kind: "tcp", codes: ["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN"] },
    ...{ category: "availability", recovery: "retry" },
    what: "there is no way to this address from here",
    todo: "look at this machine's network and at the address",
  },
  {
    ...{ kind: "tcp", codes: ["EADDRINUSE"], category: "state", recovery: "change" },
    what: "another program has this address and port",
    todo: "end it, or choose another port",
  },
  {
    ...{ kind: "tcp", codes: ["EADDRNOTAVAIL"], category: "input", recovery: "change" },
    what: "this machine has no such address",
    todo: "name one of its own, or 127.0.0.1",
  },
  {
    kind: "tls",
    codes: [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    ],
    ...{ category: "identity", recovery: "operator" },
    what: "its certificate is signed by nobody who is trusted here",
    todo: "name its authority in NODE_EXTRA_CA_CERTS, or give it a certificate of a public one",
  },
  {
    ...{ kind: "tls", codes: ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"] },
    ...{ category: "identity", recovery: "operator" },
    what: "its certificate is not valid at this time",
    todo: "renew it, and look at this machine's clock",
  },
  {
    ...{ kind: "tls", codes: ["ERR_TLS_CERT_ALTNAME_INVALID", "HOSTNAME_MISMATCH"] },
    ...{ category: "identity", recovery: "change" },
    what: "its certificate is for another name",
    todo: "use the name that the certificate is for; somebody may stand in between",
  },
  {
    ...{ kind: "tls", codes: ["EPROTO", "ERR_SSL_*"], category: "protocol", recovery: "change" },
    what: "what answers there does not speak TLS as expected",
    todo: "see whether the address begins with http:// (ws://) rather than https:// (wss://)",
  },
  {
    ...{ kind: "http", codes: ["HTTP_401", "HTTP_403"], category: "access", recovery: "change" },
    what: "the server wants other credentials",
    todo: "correct the key or token that is sent, or the address that holds it",
  },
  {
    ...{ kind: "http", codes: ["HTTP_404", "HTTP_405", "HTTP_410"] },
    ...{ category: "input", recovery: "change" },
    what: "the server has nothing at this path",
    todo: "correct the address",
  },
  {
    ...{ kind: "http", codes: ["HTTP_429"], category: "limit", recovery: "retry" },
    what: "the server was asked too much",
    todo: "wait as long as Retry-After says; ask less, or get a larger plan",
  },
  {
    ...{ kind: "http", codes: ["HTTP_3*"], category: "input", recovery: "change" },
    what: "the server points to another address",
    todo: "use that one: redirects are not followed with credentials",
  },
  {
    ...{ kind: "http", codes: ["HTTP_5*", "HTTP_408"] },
    ...{ category: "availability", recovery: "retry" },
    what: "the server failed, or what stands before it does not reach it",
    todo: "try again later, and look at the server's log",
  },
  {
    ...{ kind: "http", codes: ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "TimeoutError"] },
    ...{ category: "availability", recovery: "reconcile" },
    what: "the answer did not come in time",
    todo: "look whether what was asked had its effect before it is asked again",
  },
  {
    ...{ kind: "rpc", codes: ["-32601", "-32004"], category: "input", recovery: "operator" },
    what: "the RPC node does not have this method",
    todo: "use another node or plan (steward chain check says what is needed)",
  },
  {
    ...{ kind: "rpc", codes: ["-32602"], category: "input", recovery: "operator" },
    what: "the RPC node does not take these parameters",
    todo: "use another node; steward chain check tries what is needed",
  },
  {
    ...{ kind: "rpc", codes: ["-32005", "-32007", "-32016", "-32029", "-32090", "-32097"] },
    ...{ category: "limit", recovery: "retry" },
    what: "the RPC node was asked too much",
    todo: "wait, get a larger plan, or add RPC URLs",
  },
  {
    ...{ kind: "rpc", codes: ["-32*"], category: "availability", recovery: "retry" },
    what: "the RPC node answered with an error",
    todo: "try again, or use another node",
  },
  {
    ...{ kind: "sqlite", codes: ["SQLITE_BUSY*", "SQLITE_LOCKED*"] },
    ...{ category: "state", recovery: "retry" },
    what: "another program holds the database",
    todo: "end the one that uses it, or wait until it is done",
  },
  {
    ...{ kind: "sqlite", codes: ["SQLITE_FULL"], category: "limit", recovery: "operator" },
    what: "the database has no room",
    todo: "make room on its disk (steward doctor says how much is left)",
  },
  {
    ...{ kind: "sqlite", codes: ["SQLITE_CORRUPT*", "SQLITE_NOTADB"] },
    ...{ category: "internal", recovery: "operator" },
    what: "the file is damaged, or no database",
    todo: "keep a copy of it and restore a backup (steward backup restore)",
  },
  {
    kind: "sqlite",
    codes: ["SQLITE_READONLY*", "SQLITE_CANTOPEN*", "SQLITE_PERM", "SQLITE_AUTH*"],
    ...{ category: "access", recovery: "operator" },
    what: "the database cannot be opened for writing",
    todo: "have it and its folder belong to the user that runs steward, on a disk that is not read-only",
  },
  {
    ...{ kind: "sqlite", codes: ["SQLITE_IOERR*"], category: "internal", recovery: "operator" },
    what: "the disk did not read or write what it was asked to",
    todo: "look at the disk and the system's log before anything is started again",
  },
  {
    ...{ kind: "system", codes: ["ENOSPC", "EDQUOT", "EFBIG"] },
    ...{ category: "limit", recovery: "operator" },
    what: "there is no room to write this",
    todo: "make room on the disk, or raise the user's limit",
  },
  {
    ...{ kind: "system", codes: ["EACCES", "EPERM", "EROFS", "ERR_ACCESS_DENIED"] },
    ...{ category: "access", recovery: "operator" },
    what: "the system does not allow it",
    todo: "let the user that runs steward do it: who owns the file, who may use the port",
  },
  {
    ...{ kind: "system", codes: ["ENOENT", "ENOTDIR", "EISDIR"] },
    ...{ category: "input", recovery: "change" },
    what: "there is no such file at this path",
    todo: "correct the path",
  },
  {
    ...{ kind: "system", codes: ["EMFILE", "ENFILE"], category: "limit", recovery: "operator" },
    what: "as many files and connections are open as may be",
    todo: "raise the limit (ulimit -n)",
  },
  {
    ...{ kind: "system", codes: ["EIO"], category: "internal", recovery: "operator" },
    what: "the disk did not read or write what it was asked to",
    todo: "look at the disk and the system's log",
  },
];

/**
 * Says what is known of a thrown value that a library or the system made, by its code or class or those of
 * its causes; undefined where it has none that is known.
 */
export function findForeignFailure(thrown: unknown): ForeignFailure | undefined {
  const seen = new Set<unknown>();
  const waiting: unknown[] = [thrown];
  for (let depth = 0; depth < DEPTH_MAX && waiting.length > 0; depth++) {
    const error = waiting.shift();
    if (typeof error !== "object" || error === null || seen.has(error)) continue;
    seen.add(error);
    const { code, name, status, cause, errors } = error as Readonly<Record<string, unknown>>;
    const found = toFailure(code) ?? toFailure(name) ?? toFailure(toHttpCode(status));
    if (found !== undefined) return found;
    waiting.push(cause, ...(Array.isArray(errors) ? errors.slice(0, DEPTH_MAX) : []));
  }
  return undefined;
}

/** What is said of a code that is known; undefined where it is not. */
export function findForeignCode(code: string): ForeignFailure | undefined {
  return toFailure(code);
}

function toFailure(given: unknown): ForeignFailure | undefined {
  if (typeof given !== "string" && typeof given !== "number") return undefined;
  const code = String(given);
  const row = FOREIGN_ERRORS.find(({ codes }) => codes.some((one) => fits(one, code)));
  if (row === undefined) return undefined;
  const { kind, category, recovery, what, todo } = row;
  return { kind, code, category, recovery, hint: `${what} — ${todo}` };
}

function fits(pattern: string, code: string): boolean {
  return pattern.endsWith("*") ? code.startsWith(pattern.slice(0, -1)) : code === pattern;
}

function toHttpCode(status: unknown): string | undefined {
  return typeof status === "number" && status >= 300 ? `HTTP_${status}` : undefined;
}

import { AgentError } from "../agent-error.ts";

/** Where and as whom the agent dials. */
interface WireAddress {
  readonly url: string;
  /** `host:port`, lower case, port always present; Hello carries it; `docs/protocol.md` §3. */
  readonly authority: string;
}

/**
 * Parses the steward's wire URL. Without TLS a relay in the middle is not stopped by signatures, so
 * `ws://` is refused anywhere but on loopback unless allowed; `docs/protocol.md` §3.
 * @throws AgentError `invalid_input`, `insecure_url`
 */
export function parseWireAddress(wireUrl: string, allowInsecure: boolean): WireAddress {
  const url = parseUrl(wireUrl);
  const secure = url.protocol === "wss:";
  if (!secure && !allowInsecure && !isLoopback(url.hostname)) throw new AgentError("insecure_url");
  const port = url.port || (secure ? "443" : "80");
  return { url: url.href, authority: `${url.hostname.toLowerCase()}:${port}` };
}

function parseUrl(wireUrl: string): URL {
  let url: URL;
  try {
    url = new URL(wireUrl);
  } catch (cause) {
    throw new AgentError("invalid_input", { message: "wireUrl: expected a URL.", cause });
  }
  if (url.protocol !== "wss:" && url.protocol !== "ws:") {
    throw new AgentError("invalid_input", { message: "wireUrl: expected ws:// or wss://." });
  }
  if (url.username !== "" || url.password !== "" || url.hash !== "") {
    throw new AgentError("invalid_input", {
      message: "wireUrl: expected no user, password or fragment.",
    });
  }
  return url;
}

/** Tells whether a `URL` hostname is this machine; `URL` has already normalised every spelling of IPv4. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase();
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  );
}

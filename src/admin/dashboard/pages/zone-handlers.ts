import type { Config } from "../../../config/config.ts";
import type { Tone } from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import type { ZoneAction } from "./zone-types.ts";

/** An action, what runs it here, and whether that works. */
export interface ActionHealth {
  readonly action: ZoneAction;
  readonly handler: string;
  readonly word: string;
  readonly tone: Tone;
  readonly remedy: string;
  /** Of a host that calls are kept from. */
  readonly breaker?: string;
}

type Handlers = Config["handlers"];
type Handler = Handlers[string][string];

interface Breaker {
  readonly name: string;
  readonly state: string;
  readonly failures: number;
  readonly retry_after_ms: number;
}

interface Provider {
  readonly node_id: string;
  readonly actions: readonly string[];
  readonly online: boolean;
}

interface Found {
  readonly breakers: ReadonlyMap<string, Breaker>;
  readonly providers: readonly Provider[];
}

const LIST_MAX = "500";
const FINE = { word: "works", tone: "good", remedy: "" } as const;

/** Looks at what runs a zone's actions on this steward. */
export async function readActionHealth(
  view: View,
  handlers: Handlers,
  actions: readonly ZoneAction[],
): Promise<ActionHealth[]> {
  if (actions.length === 0) return [];
  const zoneId = view.param("zone_id");
  const found = await readFound(view, zoneId);
  return actions.map((action) => {
    const handler = handlers[zoneId]?.[action.name] ?? handlers["*"]?.[action.name];
    return { action, ...judge(action, handler, found) };
  });
}

async function readFound(view: View, zoneId: string): Promise<Found> {
  const query = { limit: LIST_MAX };
  const [{ breakers }, { providers }] = await Promise.all([
    view.api.read<{ breakers: Breaker[] }>("listBreakers", { query }),
    view.api.read<{ providers: Provider[] }>("listProviders", {
      params: { zone_id: zoneId },
      query,
    }),
  ]);
  return { breakers: new Map(breakers.map((breaker) => [breaker.name, breaker])), providers };
}

function judge(
  { name }: ZoneAction,
  handler: Handler | undefined,
  found: Found,
): Omit<ActionHealth, "action"> {
  switch (handler?.type) {
    case undefined:
      return {
        handler: "nobody",
        word: "refused",
        tone: "bad",
        remedy: `Name its handler in the configuration, handlers.*.${name}, and: steward config reload`,
      };
    case "http":
      return judgeHost(new URL(handler.url), found);
    case "provider":
      return judgeProviders(name, found);
    case "module":
      return { handler: "module", ...FINE };
    case "echo":
      return { handler: "echo", ...FINE };
  }
}

function judgeHost(url: URL, { breakers }: Found): Omit<ActionHealth, "action"> {
  const breaker = breakers.get(url.host);
  const handler = `HTTP, ${url.host}`;
  if (breaker === undefined) return { handler, ...FINE, word: "not called yet", tone: "idle" };
  if (breaker.state === "closed") {
    if (breaker.failures === 0) return { handler, ...FINE };
    const remedy = `Its last calls failed, ${breaker.failures} in a row.`;
    return { handler, word: "failing", tone: "warn", remedy };
  }
  const seconds = Math.ceil(breaker.retry_after_ms / 1000);
  return {
    handler,
    word: "kept from",
    tone: "bad",
    remedy: `Look at the host; one call tries it again in ${seconds} s.`,
    breaker: breaker.name,
  };
}

function judgeProviders(name: string, { providers }: Found): Omit<ActionHealth, "action"> {
  const approved = providers.filter(({ actions }) => actions.includes(name));
  const here = approved.filter(({ online }) => online).length;
  const handler = `members, ${here} of ${approved.length} connected`;
  if (here > 0) return { handler, ...FINE };
  const remedy =
    approved.length === 0
      ? "Approve a provider, under Invitations and providers."
      : "Its providers are to connect: until then requests are refused.";
  return { handler, word: "nobody there", tone: "bad", remedy };
}

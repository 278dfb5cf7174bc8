import { Agent, AgentError, type ZoneInfo } from "../../../client/agent.ts";
import type { JsonValue } from "../../../protocol/json.ts";
import { createElement } from "./elements.ts";
import { toExampleParams } from "./example-params.ts";
import type { Page } from "./page.ts";
import { toShownJson } from "./shown.ts";

/** Letters of a node id that tell people apart on a page. */
const SHORT_ID_CHARS = 14;
const ZONES_SHOWN_MAX = 100;

/** An agent of this page: a throw-away key, one connection, one zone at a time. */
export class Playground {
  readonly #page: Page;
  #agent: Agent | undefined;
  #zone: ZoneInfo | undefined;
  #isJoined = false;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Listens to the page's controls. */
  start(): void {
    const { connectForm, zoneForm, talkForm, askForm, zones, action } = this.#page;
    this.#onSubmit(connectForm, () => (this.#agent ? this.#disconnect() : this.#connect()));
    this.#onSubmit(zoneForm, () => (this.#isJoined ? this.#leave() : this.#join()));
    this.#onSubmit(talkForm, () => this.#send());
    this.#onSubmit(askForm, () => this.#ask());
    zones.addEventListener("change", () => this.#attempt(() => this.#inspect()));
    action.addEventListener("change", () => this.#showParams());
    this.#page.showStage("offline");
    this.#page.showStatus("Not connected.");
  }

  #onSubmit(form: HTMLFormElement, work: () => Promise<void>): void {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#attempt(work);
    });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#page.showStatus(toFailureText(error), true);
    }
  }

  async #connect(): Promise<void> {
    const page = this.#page;
    page.showStatus("Connecting …");
    const agent = await Agent.connect(findWireUrl(page.wire), {
      key: crypto.getRandomValues(new Uint8Array(32)),
      name: page.name.value,
      expectNodeId: page.wire.nodeId,
      onFrame: (frame) => page.frames.add(frame),
    });
    this.#agent = agent;
    this.#listen(agent);
    page.showStage("connected");
    page.showStatus(`Connected as ${agent.nodeId}.`);
    await this.#listZones();
  }

  #listen(agent: Agent): void {
    const page = this.#page;
    agent.on("message", ({ from, content }) => page.addLine(toShortId(from), toText(content)));
    agent.on("event", ({ event, node_id }) =>
      page.addLine("event", node_id === undefined ? event : `${event}: ${toShortId(node_id)}`),
    );
    agent.on("disconnect", ({ error, willReconnect }) => {
      const next = willReconnect ? " Connecting again …" : "";
      page.showStatus(`${toFailureText(error)}${next}`, true);
    });
    agent.on("reconnect", () => page.showStatus("Connected again."));
    agent.on("error", (error) => page.showStatus(toFailureText(error), true));
    agent.on("close", ({ error }) => this.#reset(error));
  }

  async #disconnect(): Promise<void> {
    await this.#agent?.close();
  }

  #reset(error: AgentError | undefined): void {
    this.#agent = undefined;
    this.#zone = undefined;
    this.#isJoined = false;
    this.#page.zones.replaceChildren();
    this.#page.action.replaceChildren();
    this.#page.showFacts("");
    this.#page.showStage("offline");
    if (error === undefined) this.#page.showStatus("Not connected.");
    else this.#page.showStatus(toFailureText(error), true);
  }

  async #listZones(): Promise<void> {
    const { zones } = await this.#connected().discover({ limit: ZONES_SHOWN_MAX });
    this.#page.zones.replaceChildren(
      ...zones.map(({ zone_id, name }) => {
        const option = createElement("option", name);
        option.value = zone_id;
        return option;
      }),
    );
    if (zones.length === 0) this.#page.showFacts("There is no zone that anybody may find here.");
    else await this.#inspect();
  }

  async #inspect(): Promise<void> {
    const zone = await this.#connected().inspect(this.#page.zones.value);
    this.#zone = zone;
    const { description, type, actions } = zone.manifest;
    this.#page.showFacts(
      `${description} Type ${type}, ${zone.members} members, epoch ${zone.epoch}, ${zone.state}. The creator's signature verifies.`,
    );
    this.#page.action.replaceChildren(
      ...actions.map(({ name, price }) => {
        const option = createElement("option", price ? `${name} (costs money)` : name);
        option.value = name;
        option.disabled = price !== undefined;
        return option;
      }),
    );
    const free = actions.find(({ price }) => price === undefined);
    this.#page.action.value = free?.name ?? "";
    this.#showParams();
  }

  #showParams(): void {
    const { action, params } = this.#page;
    const chosen = this.#zone?.manifest.actions.find(({ name }) => name === action.value);
    params.value = toShownJson(toExampleParams(chosen?.params));
  }

  async #join(): Promise<void> {
    const { zoneId, manifest } = this.#chosen();
    await this.#connected().join(zoneId);
    this.#isJoined = true;
    this.#page.showStage("joined");
    this.#page.showStatus(`Joined ${manifest.name}.`);
  }

  async #leave(): Promise<void> {
    const { zoneId, manifest } = this.#chosen();
    await this.#connected().leave(zoneId);
    this.#isJoined = false;
    this.#page.showStage("connected");
    this.#page.showStatus(`Left ${manifest.name}.`);
  }

  async #send(): Promise<void> {
    const { text } = this.#page;
    const { seq } = await this.#connected().send(this.#chosen().zoneId, text.value);
    this.#page.addLine("you", text.value);
    this.#page.showStatus(`Sent; position ${seq} of the zone's log.`);
    text.value = "";
  }

  async #ask(): Promise<void> {
    const { action, params } = this.#page;
    this.#page.showAnswer("Waiting for the answer …");
    try {
      const input = parseParams(params.value);
      const { result } = await this.#connected().request(
        this.#chosen().zoneId,
        action.value,
        input,
      );
      this.#page.showAnswer(toShownJson(result));
      this.#page.showStatus(`${action.value} answered.`);
    } catch (error) {
      this.#page.showAnswer(toFailureText(error));
    }
  }

  #connected(): Agent {
    if (this.#agent === undefined) throw new AgentError("closed");
    return this.#agent;
  }

  #chosen(): ZoneInfo {
    if (this.#zone !== undefined) return this.#zone;
    throw new AgentError("invalid_input", { message: "Choose a zone first." });
  }
}

/** The handshake names the host that is dialled: the page's own, or the public one where that is set. */
function findWireUrl({ url, path }: Page["wire"]): string {
  if (!isSecureContext) {
    throw new AgentError("insecure_url", {
      message: "A browser has no Ed25519 on a page that came without TLS from another machine.",
      hint: "Open the dashboard by https, or on the steward's own machine by 127.0.0.1.",
    });
  }
  if (url !== undefined) return url;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}${path}`;
}

function parseParams(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AgentError("invalid_input", { message: "Params: expected JSON.", cause });
  }
}

function toFailureText(error: unknown): string {
  if (!(error instanceof AgentError)) return String(error);
  const reason = error.reason === undefined ? "" : ` (${error.reason})`;
  return `${error.code}${reason}: ${error.message} ${error.hint}`;
}

function toShortId(nodeId: string): string {
  return nodeId.length > SHORT_ID_CHARS ? `${nodeId.slice(0, SHORT_ID_CHARS)}…` : nodeId;
}

function toText(content: JsonValue): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}

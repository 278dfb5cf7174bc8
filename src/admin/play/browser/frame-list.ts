import { decodeFrame, type WireFrame } from "../../../client/agent.ts";
import { createElement } from "./elements.ts";
import { toHexLines, toShownJson } from "./shown.ts";

/** Frames and bytes that stay on the page; the oldest go first. */
const FRAMES_MAX = 300;
const BYTES_MAX = 8_388_608;
/** Bytes of a frame that are shown in hexadecimal. */
const HEX_BYTES_MAX = 1024;

interface Shown {
  readonly item: HTMLLIElement;
  readonly bytes: number;
}

/** The frames in and out, newest first, each decoded when it is opened. */
export class FrameList {
  readonly #list: HTMLOListElement;
  readonly #count: HTMLElement;
  readonly #shown: Shown[] = [];
  #total = 0;
  #bytes = 0;

  constructor(list: HTMLOListElement, count: HTMLElement) {
    this.#list = list;
    this.#count = count;
  }

  /** Shows one more frame. */
  add(frame: WireFrame): void {
    const item = createElement("li", createDetails(frame));
    item.className = `frame frame-${frame.direction}`;
    this.#list.prepend(item);
    this.#shown.push({ item, bytes: frame.bytes.length });
    this.#bytes += frame.bytes.length;
    this.#total += 1;
    while (this.#shown.length > FRAMES_MAX || this.#bytes > BYTES_MAX) this.#dropOldest();
    this.#showCount();
  }

  /** Removes all of them from the page. */
  clear(): void {
    while (this.#shown.length > 0) this.#dropOldest();
    this.#total = 0;
    this.#showCount();
  }

  #dropOldest(): void {
    const oldest = this.#shown.shift();
    oldest?.item.remove();
    this.#bytes -= oldest?.bytes ?? 0;
  }

  #showCount(): void {
    const kept = this.#shown.length;
    this.#count.textContent =
      kept === this.#total ? `${kept} frames` : `${kept} of ${this.#total} frames`;
  }
}

function createDetails({ direction, bytes }: WireFrame): HTMLDetailsElement {
  const { name, kind, fields } = readFrame(bytes);
  const arrow = createElement("span", direction === "in" ? "← in" : "→ out");
  arrow.className = "frame-direction";
  const facts = createElement(
    "small",
    `${kind} · ${bytes.length.toLocaleString("en")} bytes · ${new Date().toISOString().slice(11, 23)}`,
  );
  const details = createElement(
    "details",
    createElement("summary", arrow, " ", createElement("code", name), " ", facts),
  );
  details.addEventListener(
    "toggle",
    () => {
      const hex = toHexLines(bytes, HEX_BYTES_MAX);
      details.append(createBlock("Decoded", toShownJson(fields)), createBlock("Bytes", hex));
    },
    { once: true },
  );
  return details;
}

function createBlock(label: string, text: string): HTMLElement {
  const block = createElement("pre", text);
  // Long lines scroll, which the keyboard must be able to do, too.
  block.tabIndex = 0;
  block.setAttribute("role", "group");
  block.setAttribute("aria-label", label);
  return block;
}

function readFrame(bytes: Uint8Array): { name: string; kind: string; fields: unknown } {
  try {
    const { type, fields } = decodeFrame(bytes);
    return { name: findBodyType(fields) ?? type, kind: type, fields };
  } catch (error) {
    return { name: "unreadable", kind: "unreadable", fields: { error: String(error) } };
  }
}

function findBodyType({ body }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof body !== "object" || body === null || !("type" in body)) return undefined;
  return typeof body.type === "string" ? body.type : undefined;
}

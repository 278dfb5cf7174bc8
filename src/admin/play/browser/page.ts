import { createElement, getElement } from "./elements.ts";
import { FrameList } from "./frame-list.ts";

/** Lines that stay in the conversation. */
const LINES_MAX = 200;

/** How far the agent has come; what it cannot do yet is disabled. */
export type Stage = "offline" | "connected" | "joined";

/** The page's controls. */
export interface Page {
  readonly connectForm: HTMLFormElement;
  readonly name: HTMLInputElement;
  readonly zones: HTMLSelectElement;
  readonly zoneForm: HTMLFormElement;
  readonly talkForm: HTMLFormElement;
  readonly text: HTMLInputElement;
  readonly askForm: HTMLFormElement;
  readonly action: HTMLSelectElement;
  readonly params: HTMLTextAreaElement;
  readonly frames: FrameList;
  /** Where the server says that the wire is, and whose it is. */
  readonly wire: {
    readonly url: string | undefined;
    readonly path: string;
    readonly nodeId: string;
  };
  showStage(stage: Stage): void;
  showStatus(text: string, isFailure?: boolean): void;
  showFacts(text: string): void;
  showAnswer(text: string): void;
  addLine(from: string, text: string): void;
}

/**
 * Finds the controls.
 * @throws Error where the page is another one
 */
export function openPage(): Page {
  const root = getElement("playground", HTMLElement);
  const log = getElement("play-log", HTMLDivElement);
  const frames = new FrameList(
    getElement("play-frames", HTMLOListElement),
    getElement("play-count", HTMLElement),
  );
  getElement("play-clear", HTMLButtonElement).addEventListener("click", () => frames.clear());
  const setText = (id: string) => {
    const element = getElement(id, HTMLElement);
    return (text: string) => {
      element.textContent = text;
    };
  };
  const showStatus = setText("play-status");
  return {
    connectForm: getElement("play-connect", HTMLFormElement),
    name: getElement("play-name", HTMLInputElement),
    zones: getElement("play-zone", HTMLSelectElement),
    zoneForm: getElement("play-join", HTMLFormElement),
    talkForm: getElement("play-talk", HTMLFormElement),
    text: getElement("play-text", HTMLInputElement),
    askForm: getElement("play-ask", HTMLFormElement),
    action: getElement("play-action", HTMLSelectElement),
    params: getElement("play-params", HTMLTextAreaElement),
    frames,
    wire: {
      url: root.dataset.wireUrl,
      path: root.dataset.wirePath ?? "/wire",
      nodeId: root.dataset.nodeId ?? "",
    },
    showStage,
    showStatus: (text, isFailure = false) => {
      showStatus(text);
      getElement("play-status", HTMLElement).classList.toggle("failure", isFailure);
    },
    showFacts: setText("play-facts"),
    showAnswer: setText("play-answer"),
    addLine: (from, text) => {
      log.append(createElement("p", createElement("b", from), ` ${text}`));
      while (log.children.length > LINES_MAX) log.firstElementChild?.remove();
      log.scrollTop = log.scrollHeight;
    },
  };
}

function showStage(stage: Stage): void {
  const isConnected = stage !== "offline";
  const isJoined = stage === "joined";
  getElement("play-name", HTMLInputElement).disabled = isConnected;
  getElement("play-connect-button", HTMLButtonElement).textContent = isConnected
    ? "Disconnect"
    : "Connect";
  getElement("play-zone", HTMLSelectElement).disabled = isJoined;
  getElement("play-join-button", HTMLButtonElement).textContent = isJoined ? "Leave" : "Join";
  getElement("play-zone-fields", HTMLFieldSetElement).disabled = !isConnected;
  getElement("play-talk-fields", HTMLFieldSetElement).disabled = !isJoined;
  getElement("play-ask-fields", HTMLFieldSetElement).disabled = !isJoined;
}

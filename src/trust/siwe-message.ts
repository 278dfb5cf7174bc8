import type { Hex } from "viem";
import { findAddress } from "../protocol/addresses.ts";

/** A Sign-In-With-Ethereum message (EIP-4361), as far as a binding depends on it; times in Unix milliseconds. */
export interface SiweMessage {
  /** Lower case. */
  readonly domain: string;
  /** EIP-55. */
  readonly address: Hex;
  readonly statement: string;
  readonly version: string;
  readonly chainId: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly notBeforeMs: number | undefined;
  readonly resources: readonly string[];
}

const OPENING = " wants you to sign in with your Ethereum account:";
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const DOMAIN = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^\s/@?#]+)$/i;

/** Reads the lines of a message in their order, each once. */
class Lines {
  private readonly lines: readonly string[];
  private next = 0;

  constructor(text: string) {
    this.lines = text.split("\n");
  }

  get isAtEnd(): boolean {
    return this.next === this.lines.length;
  }

  /** The next line, whatever it is. */
  take(): string {
    const line = this.lines[this.next++];
    if (line === undefined) throw new Error("The message ends early.");
    return line;
  }

  /** What follows a label, where the next line has it. */
  find(label: string): string | undefined {
    const line = this.lines[this.next];
    if (!line?.startsWith(label)) return undefined;
    this.next++;
    return line.slice(label.length);
  }

  /** What follows a label. */
  get(label: string): string {
    const value = this.find(label);
    if (value === undefined) throw new Error(`A line "${label.trim()}" is missing.`);
    return value;
  }
}

/**
 * Parses a message line by line, so that nothing in it is left unread: a field stands where EIP-4361 has it,
 * or the message is none.
 * @throws Error
 */
export function parseSiweMessage(text: string): SiweMessage {
  const lines = new Lines(text);
  const domain = parseOpening(lines.take());
  const address = findAddress(lines.take());
  if (address === undefined) throw new Error("The second line is no address.");
  if (lines.take() !== "") throw new Error("An empty line is missing.");
  const statement = lines.take();
  if (statement !== "" && lines.take() !== "") throw new Error("An empty line is missing.");
  if (!URL.canParse(lines.get("URI: "))) throw new Error("The URI is none.");
  const version = lines.get("Version: ");
  const chainId = parseCount(lines.get("Chain ID: "));
  if (!/^[A-Za-z0-9]{8,}$/.test(lines.get("Nonce: "))) throw new Error("The nonce is none.");
  const issuedAtMs = parseTime(lines.get("Issued At: "));
  const expires = lines.find("Expiration Time: ");
  const notBefore = lines.find("Not Before: ");
  lines.find("Request ID: ");
  const resources = parseResources(lines);
  if (!lines.isAtEnd) throw new Error("Something follows the message.");
  return {
    ...{ domain, address, statement, version, chainId, issuedAtMs, resources },
    expiresAtMs: expires === undefined ? undefined : parseTime(expires),
    notBeforeMs: notBefore === undefined ? undefined : parseTime(notBefore),
  };
}

function parseOpening(line: string): string {
  const domain = line.endsWith(OPENING) && DOMAIN.exec(line.slice(0, -OPENING.length))?.[1];
  if (!domain) throw new Error("The first line is not that of a sign-in.");
  return domain.toLowerCase();
}

function parseResources(lines: Lines): string[] {
  const resources: string[] = [];
  if (lines.find("Resources:") === undefined) return resources;
  for (let one = lines.find("- "); one !== undefined; one = lines.find("- ")) resources.push(one);
  return resources;
}

function parseCount(text: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(text)) throw new Error("The chain id is none.");
  return Number(text);
}

function parseTime(text: string): number {
  const ms = TIME.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  if (Number.isNaN(ms)) throw new Error("A time is none of RFC 3339.");
  return ms;
}

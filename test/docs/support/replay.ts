import { expect } from "vitest";
import type { Reply } from "../../support/wire-client.ts";
import { example, exampleNames } from "../../wire/protocol-doc.ts";

const HEX_32 = /^0x[0-9a-f]{64}$/;
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

type Form = RegExp | ((value: unknown) => boolean);

function isInteger(from: number, to: number): Form {
  return (value) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to;
}

function isBytes(count: number): Form {
  return (value) =>
    Array.isArray(value) &&
    value.length === count &&
    value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
}

/**
 * The only values of replies that differ from the document's, by example and path: what the steward
 * or the chain draws at random, and what is computed from that. Each still has its form checked.
 */
const FORMS: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
  HelloAck: { challenge: isBytes(32) },
  "zone.payment_required": {
    "payment_requirement.nonce": HEX_32,
    "payment_requirement.terms.salt": HEX_32,
    signature: /^[0-9a-f]{128}$/,
  },
  "zone.invited": { invite: /^[A-Za-z0-9_-]{32}$/, invite_id: new RegExp(`^inv_${UUID}$`) },
  "zone.invoke": { invoke_id: new RegExp(`^req_${UUID}$`) },
  "zone.pending": { tx_hash: HEX_32 },
  "zone.escrow_state": { "escrow.tx_hash": HEX_32 },
  "zone.response": {
    "settlement.tx_hash": HEX_32,
    "settlement.block_number": isInteger(1, 10_000),
  },
};

/** Knows which examples of the document were replayed. */
export class Replay {
  private readonly done = new Set<string>();

  /** Returns a copy of an example that is sent, with what must differ replaced. */
  sent(name: string, change: Reply = {}): Reply {
    this.done.add(name);
    return { ...structuredClone(example(name)), ...change } as Reply;
  }

  /**
   * Asserts that a steward's message is an example, key by key and value by value.
   * @param change what differs from the example because it answers another message
   */
  received(name: string, actual: unknown, change: Reply = {}): Reply {
    this.done.add(name);
    const expected: Reply = { ...structuredClone(example(name)), ...change };
    const seen = JSON.parse(JSON.stringify(actual)) as Reply;
    for (const [path, form] of Object.entries(FORMS[name] ?? {})) {
      const values = [find(seen, path), find(expected, path)];
      for (const value of values) {
        expect(hasForm(value, form), `${name}: ${path} is ${JSON.stringify(value)}`).toBe(true);
      }
      replace(seen, path, values[1]);
    }
    expect(seen, name).toEqual(expected);
    return actual as Reply;
  }

  /** The document's examples that nobody replayed. */
  get missing(): string[] {
    return exampleNames.filter((name) => !this.done.has(name));
  }
}

function hasForm(value: unknown, form: Form): boolean {
  if (form instanceof RegExp) return typeof value === "string" && form.test(value);
  return form(value);
}

function find(value: unknown, path: string): unknown {
  let at = value;
  for (const key of path.split(".")) at = (at as Reply | undefined)?.[key];
  return at;
}

function replace(value: Reply, path: string, by: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.length === 0 ? value : (find(value, keys.join(".")) as Reply);
  parent[last] = by;
}

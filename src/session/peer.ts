import type { HelloFields } from "../wire/messages.ts";

/** A node that proved its id on this connection; `docs/protocol.md` §3. */
export interface Peer {
  readonly nodeId: string;
  readonly name: string;
  readonly skills: readonly string[];
  readonly wallet: string | undefined;
  readonly operator: HelloFields["operator"];
  readonly capabilities: ReadonlySet<string>;
  /** Raw 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Verified in the bound form. */
  readonly bound: boolean;
  readonly trust: "unknown" | "verified";
}

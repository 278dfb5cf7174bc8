import type { Commit, Position } from "../../../src/protocol/commit.ts";
import type { PrimaryHead } from "../../../src/protocol/primary-head.ts";
import type { Epoch } from "../../../src/replication/core/state.ts";
import type { Tip } from "./history.ts";

/** What simulated stewards send each other: the bodies of section 9, as far as the core sees them. */
export type SimMessage =
  | { readonly type: "epoch"; readonly envelopes: readonly Epoch[] }
  | {
      readonly type: "position";
      readonly epoch: number;
      readonly envelopeHash: string | undefined;
      readonly position: Position | null;
      readonly head: PrimaryHead | undefined;
      readonly isLost: boolean;
    }
  | {
      readonly type: "replicate";
      readonly ask: number;
      readonly epoch: number;
      readonly envelopeHash: string;
      readonly position: Position | null;
      readonly isRecover: boolean;
    }
  | { readonly type: "refused"; readonly ask: number; readonly envelopes: readonly Epoch[] }
  | {
      readonly type: "entries";
      readonly ask: number;
      readonly epoch: number;
      readonly commits: readonly Commit[];
      /** Where they lead to. */
      readonly end: Tip;
      readonly head: PrimaryHead | undefined;
      readonly released: number;
    }
  | { readonly type: "begin"; readonly ask: number; readonly epoch: number; readonly tip: Tip }
  | { readonly type: "chunk"; readonly ask: number; readonly epoch: number }
  | { readonly type: "end"; readonly ask: number; readonly epoch: number; readonly upto: number }
  | {
      readonly type: "ack";
      readonly ask: number;
      readonly epoch: number;
      readonly n: number | undefined;
      readonly digest: string;
    };

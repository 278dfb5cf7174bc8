import type { Tone } from "../frame/parts.ts";

/** A price of an action, of the manifest. */
export interface Price {
  readonly amount: string;
  readonly asset: string;
  readonly network: string;
  readonly settlement_mode?: string;
}

/** An action of the manifest. */
export interface ZoneAction {
  readonly name: string;
  readonly description: string;
  readonly price?: Price | null;
}

/** A steward of the manifest's set. */
export interface StewardRef {
  readonly node_id: string;
  readonly entrypoint?: string;
  readonly role: string;
  readonly voter?: boolean;
}

/** What a manifest says, as its creator signed it; any field may be absent. */
export interface Manifest {
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly topic?: string | null;
  readonly creator: {
    readonly node_id: string;
    readonly wallet?: string | null;
    readonly operator_username?: string | null;
  };
  readonly rules?: {
    readonly open?: boolean;
    readonly max_members?: number | null;
    readonly skills_required?: readonly string[];
  } | null;
  readonly actions?: readonly ZoneAction[] | null;
  readonly steward_set?: readonly StewardRef[] | null;
  readonly creator_fee_bps?: number | null;
  readonly chain_id?: number | null;
  readonly created_at: number;
}

/** A zone as `/v1/zones` answers. */
export interface ZoneBody {
  readonly id: string;
  readonly epoch: number;
  readonly state: "registered" | "active" | "stopped" | "suspended";
  readonly members: number;
  readonly envelope: { readonly manifest: Manifest; readonly signed_at: number };
}

/** How a zone's state looks. */
export const STATE_TONES: Readonly<Record<ZoneBody["state"], Tone>> = {
  registered: "warn",
  active: "good",
  stopped: "idle",
  suspended: "warn",
};

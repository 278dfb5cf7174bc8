import { createHash } from "node:crypto";
import type { JsonObject } from "../../src/protocol/json.ts";
import { toEnvelopeContent, type ZoneEnvelope } from "../../src/protocol/manifest.ts";
import type { TestNodeKey } from "./keys.ts";

export const ZONE_ID = "zone_01890a5d-ac96-774b-bcce-b302099a8057";
export const CREATOR_WALLET = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
export const CHAIN_ID = 31337;

/** What a test wants to be different from the usual zone. */
export interface ZoneChanges {
  readonly manifest?: JsonObject;
  readonly epoch?: number;
  readonly prev?: string | null;
  readonly state?: "active" | "stopped";
}

/** Signs an envelope of a zone with a free, a direct and an escrow action. */
export function createZoneEnvelope(
  creator: TestNodeKey,
  steward: TestNodeKey,
  changes: ZoneChanges = {},
): ZoneEnvelope {
  const price = { asset: "USDC", network: "anvil" };
  const content = {
    manifest: {
      version: "1",
      id: ZONE_ID,
      name: "Harbour",
      description: "A place for tests",
      creator: { node_id: creator.nodeId, wallet: CREATOR_WALLET },
      type: "service",
      actions: [
        { name: "echo", description: "Says it again" },
        { name: "translate", description: "Costs", price: { ...price, amount: "2000000" } },
        {
          name: "audit",
          description: "Costs, held in escrow",
          price: { ...price, amount: "5000000", settlement_mode: "escrow", escrow_secs: 3600 },
        },
      ],
      creator_fee_bps: 250,
      steward_set: [{ node_id: steward.nodeId, role: "primary" }],
      chain_id: CHAIN_ID,
      created_at: 1_700_000_000,
      ...changes.manifest,
    },
    epoch: changes.epoch ?? 1,
    state: changes.state ?? ("active" as const),
    signed_at: 1_700_000_000,
    prev: changes.prev ?? null,
    replication: undefined,
  };
  const signature = Buffer.from(creator.sign(toEnvelopeContent(content))).toString("hex");
  return { ...content, public_key: creator.publicKeyHex, signature };
}

/** The JSON form, as it would arrive. */
export function toJson(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

/** sha256 of an envelope's signed bytes, hex. */
export function toContentHash(envelope: ZoneEnvelope): string {
  return createHash("sha256").update(toEnvelopeContent(envelope)).digest("hex");
}

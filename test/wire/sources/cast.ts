import { toSeedKey } from "../independent/ed25519.ts";

/**
 * Who and what the vectors and `docs/protocol.md` speak of. The seeds are those of RFC 8032 §7.1,
 * the accounts those of every development chain: everybody knows their keys.
 */
export const AGENT = toSeedKey("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
export const STEWARD = toSeedKey(
  "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
);
export const CREATOR = toSeedKey(
  "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
);

export const ZONE_ID = "zone_019a2f3c-5b60-7c1e-9d2a-4f6b8c0d1e2f";
export const MESSAGE_ID = "msg_019a2f3d-0001-7a10-8b20-0123456789ab";
export const REPLY_ID = "msg_019a2f3d-0002-7a10-8b20-0123456789ab";
export const ZONE_MESSAGE_ID = "zmsg_019a2f3d-0003-7a10-8b20-0123456789ab";
export const REQUEST_ID = "req_translate-1";
export const TIMESTAMP = 1_790_000_000;

export const CHAIN_ID = 31_337n;
export const TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
export const SETTLEMENT = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512";
export const ESCROW = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
/** The first account of the usual development mnemonic. */
export const PAYER_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
export const PAYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
export const RECIPIENT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
export const CREATOR_WALLET = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
export const ARBITER = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
export const SALT = "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/** The responder's 32 random bytes, here counted up. */
export const CHALLENGE = Uint8Array.from({ length: 32 }, (_, i) => i);
/** The initiator's, for the responder proof. */
export const OWN_CHALLENGE = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);

export const ACTION = "translate";
export const PARAMS = { text: "good morning", source_lang: "en", target_lang: "de" };

/** The zone's manifest as its creator signs it. */
export const MANIFEST = {
  version: "1",
  id: ZONE_ID,
  name: "Translators",
  description: "Agents that translate for each other",
  creator: { node_id: CREATOR.nodeId, wallet: CREATOR_WALLET },
  type: "service",
  rules: { open: true, skills_required: [] },
  actions: [
    { name: "echo", description: "Answers its params", params: { text: "string" } },
    {
      name: ACTION,
      description: "Translates a text",
      params: { text: "string", source_lang: "string", target_lang: "string" },
      price: {
        amount: "2000000",
        asset: "USDC",
        network: "anvil",
        settlement_mode: "direct",
      },
    },
  ],
  creator_fee_bps: 100,
  steward_set: [
    { node_id: STEWARD.nodeId, entrypoint: "ws://127.0.0.1:8700/wire", role: "primary" },
  ],
  entrypoints: ["ws://127.0.0.1:8700/wire"],
  chain_id: 31_337,
  created_at: TIMESTAMP,
};

/** Bytes of a hex string. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

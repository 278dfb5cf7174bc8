import { writeCanonicalJson } from "../independent/canonical-json.ts";
import { sha256 } from "../independent/ed25519.ts";
import { AGENT, CREATOR, fromHex, TIMESTAMP, ZONE_ID, ZONE_MESSAGE_ID } from "./cast.ts";
import { toFirstEnvelope } from "./signed.ts";

const ENTRIES = [
  {
    kind: "event",
    node_id: CREATOR.nodeId,
    data: { event: "created", epoch: 1, envelope_hash: toFirstEnvelope().hash },
  },
  {
    kind: "event",
    node_id: AGENT.nodeId,
    data: { event: "joined", name: "agent", role: "member" },
  },
  {
    kind: "message",
    node_id: AGENT.nodeId,
    data: {
      id: ZONE_MESSAGE_ID,
      content: { text: "größe 😀", list: [1, 2.5, null] },
      topic: "hello",
    },
  },
  {
    kind: "message",
    node_id: AGENT.nodeId,
    data: { id: ZONE_MESSAGE_ID.replace("0003", "0004"), content: "" },
  },
];

/** A hash chain over four entries; what `data` holds is an example, the chain covers any. */
export function toZoneLogVectors() {
  const genesis = sha256(`atlas-zone-log-v1${ZONE_ID}`);
  let prev = genesis;
  const entries = ENTRIES.map((rest, i) => {
    const entry = { zone_id: ZONE_ID, seq: i + 1, timestamp: TIMESTAMP + i, ...rest };
    const canonical = writeCanonicalJson(entry);
    const prev_hash = prev;
    prev = sha256(Buffer.concat([fromHex(prev_hash), Buffer.from(canonical, "utf8")]));
    return { entry, canonical, prev_hash, hash: prev };
  });
  return { zone_id: ZONE_ID, genesis, entries };
}

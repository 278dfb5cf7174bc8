import { html } from "hono/html";
import type { Page } from "../frame/page.ts";
import {
  type Column,
  renderBadge,
  renderId,
  renderLive,
  renderPager,
  renderTable,
  renderTime,
} from "../frame/parts.ts";
import { readZone, renderZoneHead } from "./zone.ts";

interface Epoch {
  readonly epoch: number;
  readonly hash: string;
  readonly accepted_at: number;
  readonly kept: boolean;
  readonly state?: string;
  readonly signed_at?: number;
  readonly creator?: string;
  readonly name?: string;
  readonly signature_valid?: boolean;
  readonly follows?: boolean;
  readonly problem?: string;
}

const COLUMNS: readonly Column<Epoch>[] = [
  { title: "Epoch", cell: ({ epoch }) => epoch, isNumber: true },
  { title: "Signature", cell: renderSignature },
  { title: "Follows the one before", cell: renderFollows },
  { title: "State", cell: ({ state }) => state ?? "–" },
  { title: "Name", cell: ({ name }) => name ?? "–" },
  { title: "Signed", cell: ({ signed_at }) => renderTime(signed_at) },
  { title: "Taken", cell: ({ accepted_at }) => renderTime(accepted_at) },
  { title: "Creator", cell: ({ creator }) => (creator ? renderId(creator) : "–") },
  { title: "Hash", cell: ({ hash }) => renderId(hash) },
];

/** `/admin/zones/{zone_id}/epochs`: what the creator signed, each checked now. */
export function createZoneEpochPages(): Page[] {
  return [
    {
      path: "/zones/:zone_id/epochs",
      operation: "listZoneEpochs",
      render: async (view) => {
        const zone = await readZone(view);
        const after = view.query("after");
        const { epochs, next } = await view.api.read<{ epochs: Epoch[]; next?: number }>(
          "listZoneEpochs",
          {
            params: { zone_id: zone.id },
            query: { order: "desc", ...(after !== "" && { after }) },
          },
        );
        const table = renderTable("Epochs, the newest first", COLUMNS, epochs, "No epoch is kept.");
        const body = html`${renderZoneHead(view, zone)}
<p class="quiet">Each signature is checked now against the creator's key, and each epoch against the hash of the one before.</p>
${renderLive("epochs", table)}${renderPager(view, next)}`;
        return { title: `Epochs of ${zone.envelope.manifest.name}`, body };
      },
    },
  ];
}

function renderSignature({ kept, signature_valid, problem }: Epoch) {
  if (!kept) return renderBadge("only the hash is kept", "idle");
  const isRight = signature_valid === true && problem === undefined;
  const badge = renderBadge(isRight ? "valid" : "not valid", isRight ? "good" : "bad");
  return problem === undefined ? badge : html`${badge} ${problem}`;
}

function renderFollows({ follows }: Epoch) {
  if (follows === undefined) return "not known";
  return renderBadge(follows ? "yes" : "no", follows ? "good" : "bad");
}

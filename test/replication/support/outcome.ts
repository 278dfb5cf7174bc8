import { expect } from "vitest";
import type { Reply, WireClient } from "../../support/wire-client.ts";

/** What came in answer to a message so far: `ack`, and each answer by its reason, else its type. */
export function answersTo(client: WireClient, id: string): string[] {
  return client.received.flatMap(({ type, fields }) => {
    const { msg_id, ref_msg_id, reply_to, body, code } = fields as Reply;
    if (type === "message_ack" && msg_id === id) return ["ack"];
    if (type === "error" && ref_msg_id === id) return [`error ${code}`];
    if (type !== "message" || reply_to !== id) return [];
    return [body.reason === undefined ? body.type : body.reason];
  });
}

/** Says that a refusal sends its reader on: when to ask again, and whom else; `docs/protocol.md` §9.13. */
export function expectSentOn(answer: Reply, refusal: Reply, primary: string): void {
  expect(answer).toMatchObject({
    type: "zone.error",
    retry_after_ms: expect.any(Number),
    entrypoints: expect.arrayContaining([
      expect.objectContaining({ node_id: primary, role: "primary" }),
    ]),
    ...refusal,
  });
}

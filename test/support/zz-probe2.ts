import { readFileSync } from "node:fs";
import * as c from "./foreign-codec.ts";

const md = readFileSync("docs/protocol.md", "utf8");
const ex = (n: string) =>
  JSON.parse(new RegExp("```json example=" + n + "\\n([\\s\\S]*?)```").exec(md)?.[1] ?? "");
const m = ex("signed-message");
const { sig, public_key, ...signed } = m;
console.log(
  "message",
  c.verifyJson("atlas-message-v1", signed, Buffer.from(public_key, "hex"), sig),
);
const q = ex("zone.payment_required");
console.log(
  "quote",
  c.verifyJson(
    "atlas-quote-v1",
    q.payment_requirement,
    Buffer.from("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "hex"),
    q.signature,
  ),
);
console.log(c.tagged("a", "b").toString("hex"));

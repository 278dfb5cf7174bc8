import { readFileSync } from "node:fs";
import { randomBytes, sign } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { Packr } from "msgpackr";
import * as c from "./foreign-codec.ts";
const ready = JSON.parse(readFileSync("/tmp/dev.out","utf8").split("\n")[0] ?? "");
const zone_id = ready.zone.id;
class S {
  ws!: WebSocket; k = c.keyPair(randomBytes(32)); id = c.nodeIdOf(this.k.raw); sid = ready.node_id; log: any[] = []; label: string;
  constructor(l: string, k?: any) { this.label = l; if (k) { this.k = k; this.id = c.nodeIdOf(k.raw);} }
  async open(hello: any = {}, verify = true) {
    this.ws = new WebSocket(ready.wire); 
    this.ws.on("message", (d: Buffer, bin) => { const f = bin ? c.parse(d) : {type: "TEXT", fields: d.toString()} as any; this.log.push(f); });
    this.ws.on("close", (code, r) => this.log.push({type: "CLOSE", fields: {code, r: r.toString()}} as any));
    await new Promise((r) => this.ws.once("open", r));
    if (!verify) return this;
    this.send(1, {node_id: this.id, name: this.label, skills: [], public_key: [...this.k.raw], protocol_v: 1, timestamp: Math.floor(Date.now()/1000), capabilities: ["error_detail"], ...hello});
    while (!this.log.length) await sleep(5);
    const a = this.log[0].fields; if (!a.challenge) { this.dump(); return this; }
    this.send(3, {signature: [...sign(null, c.bytesOf(a.challenge), this.k.secret)], challenge: a.challenge});
    while (this.log.length < 2) await sleep(5);
    if (this.log[1].fields.status !== "ok") console.log(this.label, "verdict", JSON.stringify(this.log[1].fields));
    this.log.length = 0; return this;
  }
  send(t: number, f: any) { this.ws.send(c.envelope(t, f)); }
  msg(body: any, over: any = {}) { const id = `msg_${c.uuidv7()}`; this.send(0x10, {id, from: this.id, to: this.sid, timestamp: Math.floor(Date.now()/1000), body, ...over}); return over.id ?? id; }
  async ask(title: string, body: any, over: any = {}, wait = 300) { this.msg(body, over); await sleep(wait); this.dump(title); }
  dump(title = "") { console.log(`--- ${this.label}: ${title}`); for (const f of this.log.splice(0)) console.log("   ", typeof f.type === "number" ? f.type.toString(16) : f.type, JSON.stringify(f.fields).slice(0, 500)); }
}
const which = process.argv[2];
if (which === "a") {
  const a = await new S("a").open({ public_key: undefined });
}
if (which === "b") {
  const a = await new S("b").open();
  a.send(0xf0, { ts: Date.now() }); await sleep(100); a.dump("ping ms");
  await a.ask("body string", JSON.stringify({ type: "zone.discover", request_id: "r1" }));
  await a.ask("null optionals", { type: "zone.discover", request_id: null, filter: null, limit: null, cursor: null });
  await a.ask("keyword DEV", { type: "zone.discover", filter: { keyword: "DEV" } });
  await a.ask("keyword translate", { type: "zone.discover", filter: { keyword: "translate" } });
  await a.ask("type nonsense", { type: "zone.discover", filter: { type: "nonsense" } });
  await a.ask("limit 101", { type: "zone.discover", limit: 101 });
  await a.ask("limit 0", { type: "zone.discover", limit: 0 });
  await a.ask("history not member", { type: "zone.history", zone_id, after_seq: 0 });
  await a.ask("history bad zone", { type: "zone.history", zone_id: "zone_x", after_seq: 0 });
  await a.ask("join epoch 9", { type: "zone.join", zone_id, epoch: 9 });
  await a.ask("join epoch 0", { type: "zone.join", zone_id, epoch: 0 });
  await a.ask("history 501", { type: "zone.history", zone_id, after_seq: 0, limit: 501 });
  await a.ask("history no after_seq", { type: "zone.history", zone_id });
  await a.ask("history after head", { type: "zone.history", zone_id, after_seq: 100000 });
  await a.ask("members", { type: "zone.members", zone_id });
  const b = await new S("b2", a.k).open();
  const z = `zmsg_${c.uuidv7()}`;
  await a.ask("say", { type: "zone.message", zone_id, id: z, content: { a: 1 } }); b.dump("second session sees");
  await a.ask("say again", { type: "zone.message", zone_id, id: z, content: { a: 1 } });b.dump("second session sees");
  await a.ask("say other", { type: "zone.message", zone_id, id: z, content: { a: 2 } });
  const m = `msg_${c.uuidv7()}`;
  await a.ask("same msg id 1", { type: "zone.inspect", zone_id: "zone_x", request_id: "rr" }, { id: m });
  await a.ask("same msg id 2", { type: "zone.inspect", zone_id: "zone_x" }, { id: m });
  await a.ask("leave", { type: "zone.leave", zone_id }); b.dump("second session sees");
  await a.ask("leave again", { type: "zone.leave", zone_id });
  a.send(0xff, { reason: "normal" }); await sleep(300); a.dump("after disconnect");
  b.ws.close();
}
if (which === "c") {
  const a = await new S("c").open();
  await a.ask("join", { type: "zone.join", zone_id });
  await a.ask("no content", { type: "zone.message", zone_id, id: `zmsg_${c.uuidv7()}` });
  await a.ask("req no id", { type: "zone.request", zone_id, action: "echo", params: { text: "x" } });
  await a.ask("req bad id", { type: "zone.request", zone_id, request_id: "a b", action: "echo", params: { text: "x" } });
  await a.ask("req no params", { type: "zone.request", zone_id, request_id: "e1", action: "echo" });
  await a.ask("req extra", { type: "zone.request", zone_id, request_id: "e2", action: "echo", params: { text: "x", more: [1, -0, 1.5, 1e21] } });
  await a.ask("req again", { type: "zone.request", zone_id, request_id: "e2", action: "echo", params: { text: "x", more: [1, 0, 1.5, 1e21] } });
  await a.ask("req conflict", { type: "zone.request", zone_id, request_id: "e2", action: "echo", params: { text: "y" } });
  await a.ask("receipt free", { type: "zone.receipt", request_id: "e2" });
  await a.ask("receipt unknown", { type: "zone.receipt", request_id: "nope" });
  await a.ask("receipt none", { type: "zone.receipt" });
  await a.ask("pay unknown", { type: "zone.payment", request_id: "nope", authorization: {} });
  await a.ask("quote", { type: "zone.request", zone_id, request_id: "t1", action: "translate", params: { text: "x", source_lang: "en", target_lang: "de" } });
  await a.ask("quote again", { type: "zone.request", zone_id, request_id: "t1", action: "translate", params: { text: "x", source_lang: "en", target_lang: "de" } });
  await a.ask("receipt quoted", { type: "zone.receipt", request_id: "t1" });
  await a.ask("pay none", { type: "zone.payment", request_id: "t1" });
  await a.ask("pay empty", { type: "zone.payment", request_id: "t1", authorization: {} });
  await a.ask("float after_seq", { type: "zone.history", zone_id, after_seq: 0.5 });
  await a.ask("numeric request id", { type: "zone.discover", request_id: 5 });
  await a.ask("no type", { foo: 5 });
  await a.ask("2^60", { type: "zone.message", zone_id, id: `zmsg_${c.uuidv7()}`, content: 2 ** 60 });
  await a.ask("wrong to", { type: "zone.discover" }, { to: a.id });
  await a.ask("old ts", { type: "zone.discover" }, { timestamp: 5 });
  await a.ask("topic", { type: "zone.discover" }, { topic: "x", reply_to: null });
  a.ws.send("hello"); await sleep(200); a.dump("text");
  await a.ask("bad msg id", { type: "zone.discover" }, { id: "foo" });
  a.ws.close();
}
if (which === "d") {
  const a = await new S("d").open({}, false);
  a.msg({ type: "zone.discover" }); await sleep(200); a.dump("before hello");
  a.send(0x01, { node_id: a.id, name: "d", skills: [], public_key: a.k.raw, protocol_v: 1, timestamp: Math.floor(Date.now()/1000), wallet: null, challenge: randomBytes(32), foo: 1 });
  await sleep(200); const ack = a.log[0].fields; a.dump("bin hello");
  a.send(0x03, { signature: sign(null, c.bytesOf(ack.challenge), a.k.secret), challenge: c.bytesOf(ack.challenge) });
  await sleep(200); a.dump("bin verify");
  const raw = new Packr({ useRecords: false, useFloat32: 0 } as any);
  for (let i = 0; i < 9; i++) a.msg({ type: "zone.discover" });
  await sleep(500); a.dump("burst 9");
  await sleep(1500);
  await a.ask("after burst", { type: "zone.discover" });
  a.ws.close(); await sleep(200);
  await new S("d2", a.k).open(); 
}
process.exit(0);

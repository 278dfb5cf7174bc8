import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createFolder, StreamingNode, StreamWorld } from "./streaming-node.ts";

/** A zone's primary, and a steward without a copy of it. */
export function createPair(options: object = {}) {
  const dir = createFolder();
  const world = new StreamWorld();
  const open = (name: string) => {
    const node = new StreamingNode(world, join(dir, name), options);
    onTestFinished(() => node[Symbol.asyncDispose]());
    return node;
  };
  const primary = open("primary");
  const follower = open("follower");
  world.primaries.set(1, primary.nodeId);
  primary.createZone(true);
  follower.createZone(false);
  return { world, primary, follower, open, dir };
}

/** Node ids. */
export const ids = (count: number) =>
  Array.from({ length: count }, (_, i) => `atlas_${i.toString(16).padStart(64, "0")}`);

/** Frames of a type that an end sent, in order. */
export function record(link: { tamper: (body: never) => unknown }) {
  const sent: (Readonly<Record<string, unknown>> & { readonly type: string })[] = [];
  link.tamper = (body: (typeof sent)[number]) => {
    sent.push(body);
    return true;
  };
  return sent;
}

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startSteward } from "../support/steward.ts";

/** Stands at the public address and answers with what it is told. */
async function startPublic(): Promise<{ url: string; say: (description: object) => void }> {
  let description: object = {};
  const server = createServer((_request, response) => response.end(JSON.stringify(description)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    say: (next) => {
      description = next;
    },
  };
}

test("another process that answers as this steward at its public URL is a warning; itself and others are none", async () => {
  const place = await startPublic();
  const dataDir = mkdtempSync(join(tmpdir(), "steward-twins-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const config = { http: { port: 0, public_url: place.url } };
  const start = () => startSteward({ dataDir, config });
  const findWarning = async (httpUrl: string) => {
    const body = await (await fetch(`${httpUrl}/readyz?verbose`)).json();
    return body.warnings?.find(({ key }: { key: string }) => key === "http.public_url");
  };
  let original: { node_id: string; instance_id: string };
  {
    await using steward = await start();
    original = await (await fetch(`${steward.httpUrl}/.well-known/atlas.json`)).json();
    expect(original.node_id).toBe(steward.nodeId);
    expect(await findWarning(steward.httpUrl)).toBeUndefined();
  }
  // The original goes on to answer there; this is its copy.
  place.say(original);
  await using copy = await start();
  const own = await (await fetch(`${copy.httpUrl}/.well-known/atlas.json`)).json();
  expect([own.node_id, own.instance_id === original.instance_id]).toEqual([copy.nodeId, false]);
  await expect
    .poll(() => findWarning(copy.httpUrl), { timeout: 10_000 })
    .toMatchObject({ what: expect.stringMatching(/another process is this steward/) });
});

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startSteward } from "../support/steward.ts";

/** What a process says of itself. */
interface Told {
  readonly description: object;
  readonly instance: string;
}

async function describe(httpUrl: string): Promise<Told> {
  const response = await fetch(`${httpUrl}/.well-known/atlas.json`);
  const instance = response.headers.get("x-steward-instance") ?? "";
  return { description: await response.json(), instance };
}

/** Stands at the public address and answers with what it is told. */
async function startPublic(): Promise<{ url: string; say: (next: Told) => void }> {
  let told: Told = { description: {}, instance: "" };
  const server = createServer((_request, response) => {
    response.setHeader("X-Steward-Instance", told.instance);
    response.end(JSON.stringify(told.description));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    say: (next) => {
      told = next;
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
  let original: Told;
  {
    await using steward = await start();
    original = await describe(steward.httpUrl);
    expect(original.description).toMatchObject({ node_id: steward.nodeId });
    expect(await findWarning(steward.httpUrl)).toBeUndefined();
  }
  // The original goes on to answer there; this is its copy.
  place.say(original);
  await using copy = await start();
  const own = await describe(copy.httpUrl);
  expect(own.description).toEqual(original.description);
  expect(own.instance).not.toBe(original.instance);
  await expect
    .poll(() => findWarning(copy.httpUrl), { timeout: 10_000 })
    .toMatchObject({ what: expect.stringMatching(/another process is this steward/) });
});

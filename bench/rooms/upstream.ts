import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Where an action's runs are posted to. */
export interface Upstream extends AsyncDisposable {
  readonly url: string;
}

/** Answers every run at once, from this process: what it costs is the load's. */
export async function listenForRuns(): Promise<Upstream> {
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      response.setHeader("content-type", "application/json").end('{"text":"hello"}');
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

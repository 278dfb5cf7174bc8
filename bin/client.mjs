// Node's way to the SDK: a checkout has no dist/ before it is built, and runs from its sources.
import { existsSync } from "node:fs";

const SOURCE = new URL("../src/client/agent.ts", import.meta.url);
const BUILT = new URL("../dist/client/agent.js", import.meta.url);
const NODE_FOR_SOURCES = 24;

export const {
  Agent,
  AgentError,
  CLIENT_ERRORS,
  createMemoryEnvelopes,
  createMemoryLedger,
  decodeFrame,
  createOperatorMessage,
  findForeignFailure,
} = await import(findSdk());

function findSdk() {
  if (!existsSync(SOURCE)) return BUILT.href;
  if (Number(process.versions.node.split(".")[0]) >= NODE_FOR_SOURCES) return SOURCE.href;
  if (existsSync(BUILT)) return BUILT.href;
  throw new Error(
    `The SDK of a checkout needs Node ${NODE_FOR_SOURCES} or newer; this is ${process.versions.node}. ` +
      "In the checkout run `npx node FILE`, or build it for Node 22: npm run build",
  );
}

import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLIENT_ERRORS } from "../../src/client/agent-error.ts";
import {
  ERROR_REASONS,
  type ErrorReason,
  HTTP_ERRORS,
  WIRE_ERRORS,
  ZONE_ERRORS,
  type ZoneErrorCode,
} from "../../src/error-catalogue.ts";
import { toErrorAnchor } from "../../src/errors.ts";
import { openShell, type Shell } from "../cli/support.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";

const PAGE = readFileSync("docs/errors.md", "utf8");
/** As GitHub and most renderers name them: lower case, no punctuation, hyphens for spaces. */
const HEADINGS = [...PAGE.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
  title
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-"),
);

let steward: TestSteward;
let shell: Shell;
beforeAll(async () => {
  steward = await startSteward();
  shell = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: steward.token });
});
afterAll(async () => {
  shell[Symbol.dispose]();
  await steward[Symbol.asyncDispose]();
});

test("every code and every reason has one heading in docs/errors.md", () => {
  const anchors = [
    ...Object.keys(WIRE_ERRORS).map((code) => toErrorAnchor(Number(code) as 1001)),
    ...Object.keys(ZONE_ERRORS).map((code) => toErrorAnchor(code as ZoneErrorCode)),
    ...Object.keys(HTTP_ERRORS).map((code) => toErrorAnchor(code as keyof typeof HTTP_ERRORS)),
    ...Object.keys(CLIENT_ERRORS).map((code) => `sdk-${code}`),
    ...Object.keys(ERROR_REASONS).map((name) => toErrorAnchor("internal", name as ErrorReason)),
  ];
  expect(anchors.filter((anchor) => !HEADINGS.includes(anchor))).toEqual([]);
  expect(HEADINGS.filter((heading, i) => HEADINGS.indexOf(heading) !== i)).toEqual([]);
});

test("every link within docs/errors.md leads to a heading", () => {
  const links = [...PAGE.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => String(anchor));
  expect(links.length).toBeGreaterThan(90);
  expect(links.filter((anchor) => !HEADINGS.includes(anchor))).toEqual([]);
});

test.each([
  ["an HTTP code", "GET", "/v1/nowhere", undefined, "http-not_found"],
  ["a zone code", "GET", `/v1/zones/zone_${"0".repeat(8)}`, undefined, "zone-zone_not_found"],
  ["a body that is no JSON object", "POST", "/v1/zones", [], "http-invalid_request"],
] as const)("a hint over HTTP ends with its heading: %s", async (_, method, path, body, anchor) => {
  const { hint } = (await steward.api(method, path, body)).body.error;
  expect(hint).toMatch(new RegExp(`\\. See docs/errors\\.md#${anchor}$`));
  expect(HEADINGS).toContain(anchor);
});

test.each([
  ["a steward's zone code", ["send", "ZONE", "hi"], "zone-not_member"],
  ["a reason", ["ban", "ZONE", `atlas_${"0".repeat(64)}`], "reason-not_allowed"],
  [
    "what only the SDK says",
    ["discover", "--url", "ws://127.0.0.1:1/wire"],
    "sdk-connection_failed",
  ],
] as const)(
  "a command of an agent names its heading in the package: %s",
  async (_, args, anchor) => {
    const zone = await steward.createZone();
    await shell.run(["agent", "keygen", "--key", "key"]);
    const words = args.map((word) => (word === "ZONE" ? zone : word));
    const { stderr } = await shell.run(["agent", ...words, "--key", "key"]);
    expectDocs(stderr, anchor);
  },
);

test("an operator's command names it too, and the hint stays a sentence", async () => {
  const { stderr } = await shell.run(["zone", "show", "zone_00000000"]);
  expectDocs(stderr, "zone-zone_not_found");
  expect(stderr).toMatch(/^ {2}hint {2}[^#]*\.$/m);
});

function expectDocs(stderr: string, anchor: string): void {
  const [, path = "", found] = /^ {2}docs {2}(.*)#(.*)$/m.exec(stderr) ?? [];
  expect(found, stderr).toBe(anchor);
  expect(existsSync(path)).toBe(true);
  expect(relative(process.cwd(), path)).toBe("docs/errors.md");
  expect(HEADINGS).toContain(anchor);
}

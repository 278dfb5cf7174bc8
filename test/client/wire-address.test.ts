import { expect, test } from "vitest";
import { parseWireAddress } from "../../src/client/link/wire-address.ts";

test.each([
  ["wss://Steward.Example/wire", "steward.example:443"],
  ["wss://steward.example:8443/wire", "steward.example:8443"],
  ["ws://127.0.0.1:8420/wire", "127.0.0.1:8420"],
  ["ws://localhost/wire", "localhost:80"],
  ["ws://[::1]:9/wire", "[::1]:9"],
  ["ws://2130706433:1/wire", "127.0.0.1:1"],
])("%s is dialled as %s", (url, authority) => {
  expect(parseWireAddress(url, false).authority).toBe(authority);
});

test.each([
  "ws://steward.example/wire",
  "ws://10.0.0.1:80/wire",
  "ws://127.0.0.1.evil.example/wire",
  "ws://localhost.evil.example/wire",
  "ws://[::ffff:7f00:1]/wire",
])("%s needs allowInsecure", (url) => {
  expect(() => parseWireAddress(url, false)).toThrow(
    expect.objectContaining({ code: "insecure_url" }),
  );
  expect(parseWireAddress(url, true).url).toBe(new URL(url).href);
});

test.each(["", "http://127.0.0.1/wire", "wss://a:b@host/wire", "wss://host/wire#x"])(
  "%j is invalid_input",
  (url) => {
    expect(() => parseWireAddress(url, true)).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
  },
);

import { expect, test } from "vitest";
import { AddressGuard, isAddressRule } from "../../src/outbound/address-guard.ts";
import { HttpPoster } from "../../src/outbound/http-post.ts";
import { startRig, Upstream } from "./upstream.ts";

const REFUSED = [
  ...["0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.1"],
  ...["2130706433", "0x7f.1", "017700000001", "169.254.169.254", "172.16.0.1", "172.31.255.255"],
  ...["192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255"],
  ...["198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"],
  ...["[::]", "[::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[ff02::1]"],
  ...["[2001:db8::1]", "[100::1]", "[2001::1]", "[3fff::1]", "[5f00::1]", "[64:ff9b:1::1]"],
  ...["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.1.2.3]", "[::ffff:169.254.169.254]"],
  ...["[::127.0.0.1]", "[::10.0.0.1]", "[::ffff:0:10.0.0.1]", "[::ffff:0:127.0.0.1]"],
  ...["[64:ff9b::10.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::169.254.169.254]"],
  ...["[2002:a00:1::]", "[2002:7f00:1::1]", "[2002:c0a8:101::1]"],
];

const ALLOWED = [
  ...["1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.1.1.1"],
  ...["128.0.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "192.169.0.1", "198.17.0.1"],
  ...["198.20.0.1", "223.255.255.255", "[2606:4700::1111]", "[::ffff:1.1.1.1]"],
  ...["[64:ff9b::1.1.1.1]", "[2002:101:101::1]", "example.com"],
];

test.each(REFUSED)("the literal %s is refused", (host) => {
  const guard = new AddressGuard([]);
  expect(guard.allowsHost(new URL(`http://${host}/`).hostname)).toBe(false);
});

test.each(ALLOWED)("the public %s is allowed", (host) => {
  const guard = new AddressGuard([]);
  expect(guard.allowsHost(new URL(`http://${host}/`).hostname)).toBe(true);
});

test("an exemption frees exactly what it names, in every form of the address", () => {
  const guard = new AddressGuard(["10.1.0.0/16", "::1", "Intern.example"]);
  const allows = (host: string) => guard.allowsHost(new URL(`http://${host}/`).hostname);
  expect(["10.1.2.3", "[::ffff:10.1.2.3]", "[::1]"].map(allows)).toEqual([true, true, true]);
  expect(["10.2.0.1", "127.0.0.1", "[fe80::1]"].map(allows)).toEqual([false, false, false]);
  const good = ["10.0.0.0/8", "::1/128", "localhost", "a-b.example"];
  expect(good.filter(isAddressRule)).toEqual(good);
  const bad = ["10.0.0.0/33", "::/129", "10.0.0.0/", "a b", "", "http://a", "10.0.0.0/8/8"];
  expect(bad.filter(isAddressRule)).toEqual([]);
});

test("no spelling of a loopback address reaches the server behind it", async () => {
  await using upstream = await Upstream.start("::");
  const spell = (host: string) => ({ type: "http", url: `http://${host}:${upstream.port}/run` });
  const hosts = [
    ...["127.0.0.1", "localhost", "127.1", "2130706433", "0.0.0.0", "[::1]", "[::]"],
    ...["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost."],
  ];
  const handlers = Object.fromEntries(hosts.map((host, index) => [`a${index}`, spell(host)]));
  await using rig = await startRig(handlers);
  for (const action of Object.keys(handlers)) {
    const reply = await rig.ask(action);
    expect(reply).toMatchObject({ type: "zone.error", reason: "UPSTREAM_UNAVAILABLE" });
    expect(reply.message).not.toMatch(/127|local|private/);
  }
  expect(upstream.received).toHaveLength(0);
});

test("an exempt name or range reaches it", async () => {
  await using upstream = await Upstream.start("127.0.0.1");
  const url = `http://localhost:${upstream.port}/run`;
  await using rig = await startRig({
    name: { type: "http", url, allow_private: ["localhost"] },
    range: { type: "http", url, allow_private: ["127.0.0.0/8", "::1"] },
    other: { type: "http", url, allow_private: ["10.0.0.0/8"] },
  });
  expect((await rig.ask("name")).type).toBe("zone.response");
  expect((await rig.ask("range")).type).toBe("zone.response");
  expect((await rig.ask("other")).reason).toBe("UPSTREAM_UNAVAILABLE");
});

test("the address that was checked is the one connected to: a second look-up changes nothing", async () => {
  await using upstream = await Upstream.start("127.0.0.1");
  const answers = [["127.0.0.1"], ["127.0.0.2"]];
  let lookups = 0;
  const guard = new AddressGuard(["127.0.0.1"], (_name, _options, callback) => {
    const addresses = answers[Math.min(lookups++, 1)] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  });
  using poster = new HttpPoster();
  const post = () =>
    poster.post({
      url: new URL(`http://rebinding.example:${upstream.port}/run`),
      headers: {},
      body: "{}",
      timeoutMs: 5000,
      responseBytesMax: 1000,
      isRepeatable: false,
      guard,
      signal: new AbortController().signal,
    });
  expect(await post()).toMatchObject({ kind: "answer", status: 200 });
  expect(lookups).toBe(1);
  expect(upstream.received[0]?.headers.host).toBe(`rebinding.example:${upstream.port}`);
  // The next request looks the name up anew, and what it finds then is private.
  expect(await post()).toMatchObject({ kind: "unreached" });
  expect(upstream.received).toHaveLength(1);
});

test("one private address among public ones refuses the name", async () => {
  const guard = new AddressGuard([], (_name, _options, callback) => {
    callback(null, [
      { address: "1.1.1.1", family: 4 },
      { address: "::ffff:10.0.0.1", family: 6 },
    ]);
  });
  const found = await new Promise((resolve) => {
    guard.lookup("mixed.example", { all: true }, (error) => resolve(error?.message));
  });
  expect(found).toMatch(/private or reserved/);
});

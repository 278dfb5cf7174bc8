import { expect, test } from "vitest";
import { startSteward } from "../../support/steward.ts";
import { WireClient } from "../../support/wire-client.ts";
import { createChecker, withProperty } from "./schemas.ts";

interface Vectors {
  readonly taken: readonly string[];
  readonly refused: readonly string[];
}

const DIGITS = "9".repeat(80);
const LABEL_63 = "a".repeat(63);

/** What the RFC of each format takes and refuses. */
const VECTORS: Readonly<Record<string, Vectors>> = {
  date: {
    taken: ["2024-02-29", "2000-02-29", "2026-12-31", "0000-01-01"],
    refused: [
      ...["2023-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00"],
      ...["2026-1-01", "26-01-01", "20260101", "2026-01-01\n", " 2026-01-01", "202६-01-01", ""],
    ],
  },
  time: {
    taken: [
      ...["08:30:06Z", "08:30:06z", "08:30:06.283185Z", "08:30:06+00:20", "12:34:56-00:00"],
      ...["23:59:60Z", "01:29:60+01:30", "15:59:60-08:00", "00:29:60-23:30"],
    ],
    refused: [
      ...["08:30:06", "08:30Z", "24:00:00Z", "00:60:00Z", "00:00:61Z", "8:30:06Z", "08:30:06,5Z"],
      ...["08:30:06.Z", "08:30:06+0130", "08:30:06+01", "08:30:06+24:00", "08:30:06+00:60"],
      ...["22:59:60Z", "23:59:60+01:00", "08:30:06 Z", "08:30:06Z\n", "08:30:06Z+00:30"],
    ],
  },
  "date-time": {
    taken: [
      ...["1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00", "1990-12-31T23:59:60Z"],
      ...["1963-06-19t08:30:06.283185z", "1937-01-01T12:00:27.87+00:20"],
    ],
    refused: [
      ...["1985-04-12 23:20:50Z", "1985-04-12\t23:20:50Z", "1985-04-12T23:20:50", "1985-04-12"],
      ...[
        "1985-04-12T23:20Z",
        "1985-04-31T23:20:50Z",
        "1985-04-12T24:20:50Z",
        "1985-04-12TT1:00:00Z",
      ],
      ...["1985-04-12T23:20:50ZT", "1985-04-12T23:20:50Z ", "1985-W15-5T23:20:50Z"],
    ],
  },
  duration: {
    taken: ["P4DT12H30M5S", "P4Y", "PT0S", "P2W", "P1Y2M3DT4H5M6S", "P1MT1M", `P${DIGITS}D`],
    refused: [
      ...["P", "PT", "P1YT", "P2D1Y", "P1D2H", "P1Y2W", "P1Y2D", "PT1H2S", "PT0.5S", "-P1D"],
      ...["P1", "1D", "P1D\n", " P1D", "P1WT1H", "P২Y"],
    ],
  },
  ipv4: {
    taken: ["0.0.0.0", "192.168.0.1", "255.255.255.255", "10.9.99.100"],
    refused: [
      ...["192.168.0.01", "01.2.3.4", "00.0.0.0", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3."],
      ...[
        "0x7f.0.0.1",
        "2130706433",
        "1.2.3.4/24",
        "1.2.3.4\n",
        " 1.2.3.4",
        "1২.0.0.1",
        "-1.2.3.4",
      ],
    ],
  },
  ipv6: {
    taken: ["::", "::1", "2001:db8::7", "1:2:3:4:5:6:7:8", "::ffff:192.168.0.1", "FE80::A", "1::8"],
    refused: [
      ...["1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", ":1", "1:", "12345::", "::g", ":::"],
      ...[
        "fe80::1%eth0",
        "::1/64",
        "::ffff:1.2.3.256",
        "::ffff:01.2.3.4",
        "1.2.3.4",
        "[::1]",
        "::1 ",
      ],
    ],
  },
  hostname: {
    taken: [
      ...[
        "a",
        "www.example.com",
        "1host",
        "123",
        "c--n.com",
        "EXAMPLE.com",
        "xn--4gbwdl.xn--wgbh1c",
      ],
      ...[`${LABEL_63}.com`, `${LABEL_63}.${LABEL_63}.${LABEL_63}.${"a".repeat(61)}`],
    ],
    refused: [
      ...["", "-a", "a-", "a_b", "a..b", ".a", "a.", "a b", "ä.de", "a.com\n", `${LABEL_63}a.com`],
      ...[
        "xn--",
        "xn--x",
        "aa--b",
        "*.com",
        `${LABEL_63}.${LABEL_63}.${LABEL_63}.${"a".repeat(62)}`,
      ],
    ],
  },
  email: {
    taken: [
      ...["joe.bloggs@example.com", "~te~st+x@a.org", '"joe bloggs"@a.org', '"a..@b"@a.org'],
      ...[
        '"\\""@a.org',
        '""@a.org',
        "a@io",
        "a@[127.0.0.1]",
        "a@[IPv6:::1]",
        "a@[ipv6:2001:db8::7]",
      ],
    ],
    refused: [
      ...["2962", "@a.org", "a@", ".a@a.org", "a.@a.org", "a..b@a.org", "a b@a.org", "a@b@c.org"],
      ...["é@a.org", "a@é.org", "a@[127.0.0.300]", "a@[::1]", "a@[]", "a@x[1.2.3.4]", "a@a.org\n"],
      ...["a@-a.org", "a@a..org", "a@a.org.", '"a@a.org', '"a"b@a.org', "a,b@a.org", "A <a@a.org>"],
      ...[`${"a".repeat(65)}@a.org`, '"\u00a9"@a.org', "a(b)@a.org"],
    ],
  },
  uuid: {
    taken: ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380"],
    refused: [
      ...["2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", ""],
      ...["{2eb8aa08-aa98-11ea-b4aa-73b441d16380}", "2eb8aa08-aa98-11ea-b4aa73b441d16380-"],
      ...["2eb8aa08-aa98-11ea-b4ga-73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d16380\n"],
    ],
  },
  uri: {
    taken: [
      ...[
        "http://foo.bar/?baz=qux#quux",
        "ldap://[2001:db8::7]/c=GB?objectClass?one",
        "tel:+1-816",
      ],
      ...["http://-.~_!$&'()*+,;=:%40:80%2f::::::@example.com", "mailto:John.Doe@example.com"],
      ...[
        "urn:oasis:names:4.1.2",
        "http://a.com:",
        "http://:80",
        "http://user@",
        "a:",
        "file:///etc",
      ],
      ...["http://999.1.1.1/", "http://under_score.com.", "http://[v1.a:b]/", "a:/b//c:d@e"],
    ],
    refused: [
      ...[
        "//foo.bar/",
        "/abc",
        "abc",
        "",
        "\\\\WINDOWS\\fileshare",
        "http:// a.com",
        ":// a",
        ":a",
      ],
      ...["bar,baz:foo", "1http://a.com", "ht_tp://a.com", "https://[@a.org/", "http://a.com:8:0"],
      ...[
        "http://a.com:abc/",
        "http://a/%6G",
        "http://a/%A",
        "http://a/%",
        "http://a/ü",
        "http://a/b|c",
      ],
      ...['http://a/"', "http://a/<>", "http://a/{}", "http://a/^", "http://a/`", "http://a/\\"],
      ...["http://[::1", "http://::1]/", "http://[1.2.3.4]/", "http://[::1%25eth0]/", "http://a\n"],
      ...["http://a#b#c", "http://a@b@c", "http://a/[b]"],
    ],
  },
  "uri-reference": {
    taken: [
      "",
      "abc",
      "/abc",
      "//foo.bar/?a#b",
      "#fragment",
      "?q",
      "./a:b",
      "http://a.com",
      "a/b:c",
    ],
    refused: ["\\\\WINDOWS\\fileshare", "a b", ":a", "1a:b", "#a\\b", "ü", "%zz", "//[::1"],
  },
  "json-pointer": {
    taken: ["", "/", "/foo/0", "/a~1b/m~0n", "/ü/ ", '/"'],
    refused: ["foo", "#/a", "/a~", "/a~2", "/~", "0"],
  },
};

test.each(Object.entries(VECTORS))(
  "format %s takes what its RFC takes and nothing else",
  (name, vectors) => {
    const checker = createChecker();
    const schema = withProperty({ format: name });
    const isTaken = (a: unknown): boolean => {
      try {
        checker.assert(schema, { a } as never);
        return true;
      } catch {
        return false;
      }
    };
    expect(vectors.taken.filter((text) => !isTaken(text))).toEqual([]);
    expect(vectors.refused.filter((text) => isTaken(text))).toEqual([]);
    // A format says nothing about what is no string.
    expect([12, 1.5, true, null, {}, []].every(isTaken)).toBe(true);
  },
);

test("a format that is not judged is an annotation, as JSON Schema has it", () => {
  const checker = createChecker();
  for (const format of ["regex", "iri", "uri-template", "x-own", "constructor", "__proto__"]) {
    checker.assert(withProperty({ format }), { a: "( ü" });
  }
});

test("a format is judged in time proportional to the text", () => {
  const checker = createChecker();
  const long = 300_000;
  const texts = [
    ...["9".repeat(long), "a:".repeat(long), "-".repeat(long), "[".repeat(long), "\\".repeat(long)],
    ...[
      "/~0".repeat(long),
      `"${"\\a".repeat(long)}`,
      `http://${"a@".repeat(long)}`,
      "%41".repeat(long),
    ],
  ];
  const startedMs = performance.now();
  for (const format of Object.keys(VECTORS)) {
    for (const a of texts) {
      try {
        checker.assert(withProperty({ format }), { a });
      } catch {}
    }
  }
  expect(performance.now() - startedMs).toBeLessThan(5000);
});

test("a request whose ipv4 has a leading zero or whose date-time has a blank is refused by name", async () => {
  await using steward = await startSteward();
  const params = {
    type: "object",
    properties: { host: { format: "ipv4" }, at: { format: "date-time" } },
  };
  const zone_id = await steward.createZone({
    actions: [{ name: "echo", description: "Answers its params.", params }],
  });
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const ask = (request_id: string, given: object) =>
    client.ask({ type: "zone.request", request_id, zone_id, action: "echo", params: given });
  const good = { host: "10.0.0.1", at: "2026-11-27T08:00:00Z" };
  expect(await ask("r0", good)).toMatchObject({ type: "zone.response", result: good });
  expect(await ask("r1", { ...good, host: "10.0.0.01" })).toMatchObject({
    type: "zone.error",
    code: "invalid_params",
    message: expect.stringContaining("params.host"),
  });
  const blank = await ask("r2", { ...good, at: "2026-11-27 08:00:00Z" });
  expect(blank).toMatchObject({ type: "zone.error", code: "invalid_params" });
  expect(blank.message).toContain("params.at");
});

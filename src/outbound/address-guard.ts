import { type LookupAddress, lookup as resolveName } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** IPv4 ranges that are private, reserved or no single host. */
const PRIVATE_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/** The same for IPv6; Teredo and local NAT64 prefixes hide any IPv4 address and go as a whole. */
const PRIVATE_IPV6 = [
  "::/128",
  "::1/128",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/32",
  "2001:2::/48",
  "2001:10::/28",
  "2001:20::/28",
  "2001:db8::/32",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];

const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/;

type Resolve = (
  hostname: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A host has an address that nobody may have it lead to. */
export class PrivateAddressError extends Error {
  override readonly name = "PrivateAddressError";

  constructor(hostname: string) {
    super(`${hostname} has a private or reserved address`);
  }
}

/** Decides which addresses an upstream may have; the operator's own network is not for everybody. */
export class AddressGuard {
  /** Resolves a name for a connection, to addresses that were all checked. */
  readonly lookup: LookupFunction;
  private readonly refused = createPrivateList();
  private readonly allowed = new BlockList();
  private readonly allowedHosts = new Set<string>();

  /**
   * @param allowPrivate addresses, CIDR ranges and host names exempt from the check
   * @param resolve resolves a name to every address it has
   */
  constructor(allowPrivate: readonly string[], resolve: Resolve = resolveName) {
    for (const rule of allowPrivate) {
      if (toRange(rule) === undefined) this.allowedHosts.add(rule.toLowerCase());
      else addRange(this.allowed, rule);
    }
    this.lookup = (hostname, options, callback) =>
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        const [first] = addresses ?? [];
        const problem = error ?? this.findProblem(hostname, addresses);
        if (problem !== undefined || first === undefined) {
          callback(problem ?? new Error("no address"), []);
        } else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
  }

  /** Tells whether an URL's host may be connected to; of a name only its addresses can tell. */
  allowsHost(hostname: string): boolean {
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    return isIP(host) === 0 || this.allowedHosts.has(host) || this.allows(host);
  }

  private findProblem(hostname: string, addresses: readonly LookupAddress[]): Error | undefined {
    if (this.allowedHosts.has(hostname.toLowerCase())) return undefined;
    // One private address among public ones is how names are turned against their resolver.
    return addresses.every(({ address }) => this.allows(address))
      ? undefined
      : new PrivateAddressError(hostname);
  }

  private allows(address: string): boolean {
    const plain = address.replace(/%.*$/, "");
    const family = isIP(plain) === 4 ? "ipv4" : "ipv6";
    return this.allowed.check(plain, family) || !this.refused.check(plain, family);
  }
}

/** Tells whether a text is an address, a CIDR range or a host name. */
export function isAddressRule(rule: string): boolean {
  const range = toRange(rule);
  if (range === undefined) return HOST_NAME.test(rule);
  const { bits, family } = range;
  return Number.isInteger(bits) && bits >= 0 && bits <= (family === "ipv4" ? 32 : 128);
}

interface Range {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
}

function toRange(rule: string): Range | undefined {
  const [address = "", bits, ...rest] = rule.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const family = version === 4 ? "ipv4" : "ipv6";
  const all = version === 4 ? 32 : 128;
  if (bits === undefined) return { address, bits: all, family };
  return { address, bits: /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN, family };
}

function addRange(list: BlockList, rule: string): void {
  const range = toRange(rule);
  if (range !== undefined) list.addSubnet(range.address, range.bits, range.family);
}

function createPrivateList(): BlockList {
  const list = new BlockList();
  for (const rule of [...PRIVATE_IPV4, ...PRIVATE_IPV6]) addRange(list, rule);
  for (const rule of PRIVATE_IPV4.flatMap(toIpv6Forms)) addRange(list, rule);
  return list;
}

/** The IPv6 ranges that lead to an IPv4 range: compatible, mapped, translated, NAT64, 6to4. */
function toIpv6Forms(rule: string): string[] {
  const [address = "", bits = ""] = rule.split("/");
  const inLow = 96 + Number(bits);
  const hex = Buffer.from(address.split(".").map(Number)).toString("hex");
  return [
    ...["::", "::ffff:", "::ffff:0:", "64:ff9b::"].map((prefix) => `${prefix}${address}/${inLow}`),
    `2002:${hex.slice(0, 4)}:${hex.slice(4)}::/${16 + Number(bits)}`,
  ];
}

import { BlockList, isIP } from "node:net";

/** Decides which address a request came from, behind proxies the operator trusts. */
export type ClientAddressResolver = (
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
) => string;

/**
 * Creates a resolver that believes `X-Forwarded-For` only from the given proxies, and takes its
 * rightmost address that is no such proxy.
 * @param trustedProxies addresses or CIDR ranges
 * @throws Error on an entry that is neither
 */
export function createClientAddressResolver(
  trustedProxies: readonly string[],
): ClientAddressResolver {
  const isTrusted = createAddressMatcher(trustedProxies);
  return (socketAddress, forwardedFor) => {
    const direct = normalise(socketAddress ?? "unknown");
    if (forwardedFor === undefined || !isTrusted(direct)) return direct;
    const hops = forwardedFor.split(",").map((hop) => normalise(hop.trim()));
    return hops.findLast((hop) => isIP(hop) !== 0 && !isTrusted(hop)) ?? direct;
  };
}

/**
 * Creates a predicate for addresses that stand for no single client, so that limits on one address
 * do not apply: loopback, and proxies that the operator trusts but that name no client.
 * @throws Error on an entry that is neither address nor CIDR range
 */
export function createAddressExemption(
  trustedProxies: readonly string[],
): (address: string) => boolean {
  return createAddressMatcher(["127.0.0.0/8", "::1", ...trustedProxies]);
}

function createAddressMatcher(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const rule = findProxyRule(entry);
    if (rule === undefined) throw new Error(`${entry} is no address or CIDR range.`);
    const { address, prefix, family } = rule;
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, prefix, family);
  }
  return (address) => {
    const family = toFamily(address);
    return family !== undefined && list.check(address, family);
  };
}

/** Whether a text is an address or a CIDR range, so that a proxy can be named by it. */
export function isProxyRule(text: string): boolean {
  return findProxyRule(text) !== undefined;
}

function findProxyRule(text: string) {
  const [, address = "", digits] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
  const family = toFamily(address);
  const prefix = digits === undefined ? undefined : Number(digits);
  if (family === undefined || (prefix ?? 0) > (family === "ipv4" ? 32 : 128)) return undefined;
  return { address, prefix, family };
}

function toFamily(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}

/** The IPv4 address that an IPv6 one maps, however it is written; any other address as it is. */
function normalise(address: string): string {
  if (!address.includes(":") || isIP(address) !== 6) return address;
  const groups = toGroups(address);
  if (groups.slice(0, 5).some((group) => group !== 0) || groups[5] !== 0xffff) return address;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

/** The eight groups of an IPv6 address, without its zone. */
function toGroups(address: string): number[] {
  const [bare = ""] = address.split("%");
  const dotted = bare.slice(bare.lastIndexOf(":") + 1);
  const [head = "", tail] = (dotted.includes(".") ? toHexTail(bare, dotted) : bare).split("::");
  const parse = (half: string) =>
    half === "" ? [] : half.split(":").map((group) => Number.parseInt(group, 16));
  const left = parse(head);
  const right = parse(tail ?? "");
  return [...left, ...Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
}

/** Writes the IPv4 part at the end of an IPv6 address as two groups. */
function toHexTail(address: string, dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
  const groups = [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16)).join(":");
  return address.slice(0, -dotted.length) + groups;
}

/** The unit in which addresses are limited: an IPv4 address, or the /64 of an IPv6 one. */
export function toAddressBlock(address: string): string {
  if (isIP(address) !== 6) return address;
  const network = toGroups(address).slice(0, 4);
  return `${network.map((group) => group.toString(16)).join(":")}::/64`;
}

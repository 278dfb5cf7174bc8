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
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = "", prefix] = entry.split("/");
    const family = toFamily(address);
    if (family === undefined) throw new Error(`${entry} is no address or CIDR range.`);
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string): boolean => {
    const family = toFamily(address);
    return family !== undefined && trusted.check(address, family);
  };
  return (socketAddress, forwardedFor) => {
    const direct = normalise(socketAddress ?? "unknown");
    if (forwardedFor === undefined || !isTrusted(direct)) return direct;
    const hops = forwardedFor.split(",").map((hop) => normalise(hop.trim()));
    return hops.findLast((hop) => isIP(hop) !== 0 && !isTrusted(hop)) ?? direct;
  };
}

function toFamily(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}

function normalise(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

/** The unit in which addresses are limited: an IPv4 address, or the /64 of an IPv6 one. */
export function toAddressBlock(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(0, gap)).fill("0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

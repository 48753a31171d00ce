/**
 * Which IP addresses a file may be fetched from. A client that chooses the URL chooses the address too, and must not
 * reach through us what it cannot reach itself: the machine, its network, the cloud's metadata.
 *
 * Sources: https://www.iana.org/assignments/iana-ipv4-special-registry,
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";

/** `never`: also where the policy allows private addresses. */
export type Reach = "public" | "private" | "never";

/** Machines and networks of one's own, which a policy may open. */
const privateBlocks = blocks([
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  // Shared by carriers, and by clouds for the pods of a cluster.
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["::1", 128],
  ["fc00::", 7],
]);

/** Closed whatever the policy says. Looked at first: some lie among the private ones. */
const specialBlocks = blocks([
  ["0.0.0.0", 8],
  // Link-local, and with it the metadata of most clouds, which has credentials.
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  // Multicast, reserved, broadcast.
  ["224.0.0.0", 3],
  // Azure's metadata and DNS, though public by its number:
  // https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  ["168.63.129.16", 32],
  // Alibaba Cloud's metadata.
  ["100.100.100.200", 32],
  // Protocol assignments (Teredo, ORCHID, benchmarks), documentation, 6to4.
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  // AWS's and Google's metadata.
  ["fd00:ec2::", 32],
  ["fd20:ce::", 32],
]);

/**
 * All other IPv6 is link-local, multicast, unspecified, or has an IPv4 address in it that somebody on the way takes
 * out (mapped, NAT64).
 */
const globalUnicast = blocks([["2000::", 3]]);

/** @param address in numbers, without brackets or zone */
export function reachOf(address: string): Reach {
  const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
  if (family === undefined || specialBlocks.check(address, family)) return "never";
  // To Node an IPv4 rule holds for the mapped address too; on the wire it is another.
  if (family === "ipv6" && isMapped(address)) return "never";
  if (privateBlocks.check(address, family)) return "private";
  return family === "ipv4" || globalUnicast.check(address, family) ? "public" : "never";
}

const mapped = blocks([["::ffff:0:0", 96]]);

function isMapped(address: string): boolean {
  return mapped.check(address, "ipv6");
}

function blocks(subnets: ReadonlyArray<readonly [network: string, prefix: number]>): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, isIPv4(network) ? "ipv4" : "ipv6");
  return list;
}

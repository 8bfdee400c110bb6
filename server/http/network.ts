import type { FastifyRequest } from "fastify";
import ipaddr from "ipaddr.js";

/** The smallest that providers give to a customer, in bits of an IPv6 address. */
const IPV6_NETWORK = 64;

/**
 * Where a request comes from, as far as limits are counted by it: an IPv4 address, or a network of
 * IPv6, within which everyone has as many addresses as they like.
 */
export function networkOf({ ip }: Pick<FastifyRequest, "ip">): string {
  // A proxy may say anything of whom it asks for.
  if (!ipaddr.isValid(ip)) return ip;
  // Sockets of both kinds have IPv4 addresses written in IPv6.
  const address = ipaddr.process(ip);
  if (address.kind() === "ipv4") return address.toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${IPV6_NETWORK}`);
  return `${network.toString()}/${IPV6_NETWORK}`;
}

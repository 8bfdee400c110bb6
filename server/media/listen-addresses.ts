import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

type Interfaces = Partial<Record<string, NetworkInterfaceInfo[]>>;

/**
 * The addresses to offer for "all of them" (`0.0.0.0`, or `::` with IPv6): a browser cannot connect to
 * that itself. Link-local ones are left out, which mean nothing without the name of an interface.
 */
export function localAddresses(unspecified: string, interfaces: Interfaces): string[] {
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => unspecified !== "0.0.0.0" || family === "IPv4")
    .map(({ address }) => address)
    .filter((address) => !/^(fe[89ab]|169\.254\.)/iu.test(address));
}

/** What a worker is to listen at when the server listens at `host`, a name or an address. */
export async function listenAddresses(host: string, announced: boolean): Promise<string[]> {
  const { address } = isIP(host) === 0 ? await lookup(host) : { address: host };
  const all = address === "0.0.0.0" || address === "::";
  return all && !announced ? localAddresses(address, networkInterfaces()) : [address];
}

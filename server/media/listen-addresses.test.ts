import type { NetworkInterfaceInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { listenAddresses, localAddresses } from "./listen-addresses.ts";

const ipv4 = (address: string): NetworkInterfaceInfo => ({
  address,
  family: "IPv4",
  netmask: "255.255.255.0",
  mac: "00:00:00:00:00:00",
  internal: address === "127.0.0.1",
  cidr: `${address}/24`,
});
const ipv6 = (address: string): NetworkInterfaceInfo => ({
  ...ipv4(address),
  family: "IPv6",
  scopeid: 0,
});

const interfaces = {
  lo: [ipv4("127.0.0.1"), ipv6("::1")],
  eth0: [ipv4("192.168.1.7"), ipv6("fe80::1"), ipv6("2001:db8::7")],
  usb0: [ipv4("169.254.3.4")],
};

describe("the addresses that media listens at", () => {
  it("are all that a browser could reach, when the server listens at every one", () => {
    expect(localAddresses("0.0.0.0", interfaces)).toEqual(["127.0.0.1", "192.168.1.7"]);
    expect(localAddresses("::", interfaces)).toEqual([
      "127.0.0.1",
      "::1",
      "192.168.1.7",
      "2001:db8::7",
    ]);
  });

  it("are never the unspecified one, unless another is announced", async () => {
    const addresses = await listenAddresses("0.0.0.0", false);
    expect(addresses).toContain("127.0.0.1");
    expect(addresses).not.toContain("0.0.0.0");
    expect(await listenAddresses("0.0.0.0", true)).toEqual(["0.0.0.0"]);
  });

  it("are the one that was given, by address or by name", async () => {
    expect(await listenAddresses("127.0.0.1", false)).toEqual(["127.0.0.1"]);
    const [address] = await listenAddresses("localhost", false);
    expect(["127.0.0.1", "::1"]).toContain(address);
  });
});

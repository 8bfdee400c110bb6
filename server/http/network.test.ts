import { describe, expect, it } from "vitest";
import { networkOf } from "./network.ts";

describe("where a request comes from", () => {
  it("is an address of IPv4, however it is written", () => {
    expect(networkOf({ ip: "203.0.113.7" })).toBe("203.0.113.7");
    expect(networkOf({ ip: "::ffff:203.0.113.7" })).toBe("203.0.113.7");
  });

  it("is a network of IPv6, whichever of its addresses is used", () => {
    expect(networkOf({ ip: "2001:db8:1:2::1" })).toBe("2001:db8:1:2::/64");
    expect(networkOf({ ip: "2001:db8:1:2:ffff:0:0:7" })).toBe("2001:db8:1:2::/64");
    expect(networkOf({ ip: "2001:db8:1:3::1" })).toBe("2001:db8:1:3::/64");
    expect(networkOf({ ip: "fe80::1%eth0" })).toBe("fe80::/64");
  });

  it("is what a proxy says, when that is no address", () => {
    expect(networkOf({ ip: "unknown" })).toBe("unknown");
  });
});

import { describe, expect, it } from "vitest";
import { entryAddress, leadsToRoom, nextAddress } from "./next-address.ts";

describe("the way through the entry", () => {
  it("leads back to the room that somebody was invited to", () => {
    const address = entryAddress("/rooms/7f-a");
    expect(nextAddress(new URL(address, "http://localhost").search)).toBe("/rooms/7f-a");
  });

  it("leads to the rooms without an invitation", () => {
    expect(entryAddress("/rooms")).toBe("/");
    expect(nextAddress("")).toBe("/rooms");
  });

  it("speaks of an invitation only where it leads into a room", () => {
    expect(["/rooms/7f-a", "/invite/x", "/account", "/rooms"].map(leadsToRoom)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("never leads elsewhere", () => {
    const foreign = ["https://evil.example", "//evil.example", "/rooms/../x", "javascript:1"];
    const led = foreign.map((next) => nextAddress(`?next=${encodeURIComponent(next)}`));
    expect(new Set(led)).toEqual(new Set(["/rooms"]));
  });
});

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Presence } from "./presence.ts";

let changes: [string, boolean][];
let presence: Presence;

beforeEach(() => {
  vi.useFakeTimers();
  changes = [];
  presence = new Presence({
    graceMs: 1000,
    onChange: (_roomId, accountId, present) => changes.push([accountId, present]),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

it("lasts as long as the last of an account's visits, and a grace more", () => {
  const first = presence.enter("room", "ann");
  const second = presence.enter("room", "ann");
  presence.enter("room", "ben");
  expect(presence.count("room")).toBe(2);
  first();
  first();
  vi.advanceTimersByTime(5000);
  expect(presence.has("room", "ann")).toBe(true);
  second();
  vi.advanceTimersByTime(999);
  expect(presence.has("room", "ann")).toBe(true);
  vi.advanceTimersByTime(1);
  expect(presence.has("room", "ann")).toBe(false);
  expect(changes).toEqual([
    ["ann", true],
    ["ben", true],
    ["ann", false],
  ]);
});

it("does not flicker when somebody comes back at once", () => {
  presence.enter("room", "ann")();
  vi.advanceTimersByTime(500);
  const leave = presence.enter("room", "ann");
  vi.advanceTimersByTime(5000);
  expect(changes).toEqual([["ann", true]]);
  leave();
  vi.advanceTimersByTime(1000);
  expect(changes).toEqual([
    ["ann", true],
    ["ann", false],
  ]);
});

it("ends at once and silently for who is no member any more", () => {
  const leave = presence.enter("room", "ann");
  presence.remove("room", "ann");
  expect(presence.count("room")).toBe(0);
  const again = presence.enter("room", "ann");
  leave();
  vi.advanceTimersByTime(5000);
  expect(presence.has("room", "ann")).toBe(true);
  again();
  expect(changes).toEqual([
    ["ann", true],
    ["ann", true],
  ]);
});

import { expect, test } from "vitest";
import { compareVersions } from "./version.mjs";

test.each([
  ["20.20.2", "24.0.0"],
  ["9.0.0", "10.0.0"],
  ["24.9.0", "24.21.0"],
  ["24.0.0-rc.1", "24.0.0"],
  ["v22", "24.0.0"],
])("%s is older than %s", (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0);
  expect(compareVersions(newer, older)).toBeGreaterThan(0);
});

test.each([
  ["v24.0.0", "24.0.0"],
  ["24.1", "24.1.0"],
])("%s and %s are the same", (one, other) => {
  expect(compareVersions(one, other)).toBe(0);
});

import { expect, test } from "vitest";
import { matchesLock } from "./dependencies.mjs";

const here = { version: "1.0.0", integrity: "sha512-a" };
const wanted = {
  packages: {
    "": { version: "0.1.0" },
    "node_modules/here": here,
    "node_modules/other-platform": { ...here, optional: true },
  },
};

test("installed packages match the lock without those for other platforms", () => {
  expect(matchesLock(wanted, { packages: { "node_modules/here": here } })).toBe(true);
});

test.each([
  ["a package is missing", {}],
  ["a version differs", { "node_modules/here": { ...here, version: "1.0.1" } }],
  ["a content differs", { "node_modules/here": { ...here, integrity: "sha512-b" } }],
  ["there is one too many", { "node_modules/here": here, "node_modules/more": here }],
])("they don't when %s", (_, packages) => {
  expect(matchesLock(wanted, { packages })).toBe(false);
});

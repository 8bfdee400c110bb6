import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { matchesLock } from "./dependencies.mjs";
import { root } from "./machine.mjs";

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

test("the lock names the packages for every platform, from any registry", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>;
  };
  // `npm ci` refuses a lock without them. npm leaves out those that its registry does not have.
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
  expect(Object.values(packages).filter(({ resolved }) => resolved)).toEqual([]);
});

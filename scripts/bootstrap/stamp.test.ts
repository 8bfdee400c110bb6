import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fingerprint, isStamped, writeStamp } from "./stamp.mjs";

let folder: string;
const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
const print = (...facts: string[]) => fingerprint(folder, ["sources", "lock"], facts);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stamp-"));
  mkdirSync(join(folder, "sources/deep"), { recursive: true });
  write("sources/deep/a.txt", "one");
  write("lock", "1");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a step is done while nothing that it depends on has changed", () => {
  const stamp = join(folder, "made/by/.stamp");
  expect(isStamped(stamp, print())).toBe(false);
  writeStamp(stamp, print());
  write("unrelated", "changes");
  expect(isStamped(stamp, print())).toBe(true);
});

test.each([
  ["a file's text", () => write("sources/deep/a.txt", "two")],
  ["a new file", () => write("sources/b.txt", "")],
  ["a file's name", () => renameSync(join(folder, "lock"), join(folder, "sources/lock"))],
  ["a file that is gone", () => rmSync(join(folder, "lock"))],
])("%s makes it run again", (_, change) => {
  const before = print();
  change();
  expect(print()).not.toBe(before);
});

test("other facts count too, and where one ends", () => {
  const prints = [print(), print("24"), print("25"), print("2", "5"), print("25", "")];
  expect(new Set(prints).size).toBe(prints.length);
});

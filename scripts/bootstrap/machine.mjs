// @ts-check
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const root = resolve(fileURLToPath(import.meta.url), "../../..");

/**
 * Where what is expensive to make is kept, outside the checkout: Node, media workers, logs.
 * @param {NodeJS.ProcessEnv} env
 */
export function cacheDirectory(env) {
  if (env.PARLEY_CACHE_DIR) return resolve(env.PARLEY_CACHE_DIR);
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "parley");
}

/**
 * @typedef {object} Machine
 * @property {NodeJS.Platform} platform
 * @property {string} arch
 * @property {string} distribution e.g. `debian-12`; the platform's name where it is no Linux
 * @property {string} codename of a Debian release, e.g. `bookworm`; else empty
 * @property {boolean} hasApt
 * @property {boolean} isRoot
 */

/** @returns {Machine} */
export function describeMachine() {
  const { platform, arch } = process;
  const path = "/etc/os-release";
  const release = parseRelease(existsSync(path) ? readFileSync(path, "utf8") : "");
  return {
    platform,
    arch,
    distribution: release.ID ? [release.ID, release.VERSION_ID ?? ""].join("-") : platform,
    codename: release.VERSION_CODENAME ?? "",
    hasApt: existsSync("/usr/bin/apt-get") && existsSync("/usr/bin/dpkg-query"),
    isRoot: process.getuid?.() === 0,
  };
}

/**
 * Reads the format of /etc/os-release: `NAME=value` or `NAME="value"` a line.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parseRelease(text) {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=["']?(.*?)["']?$/gm)].map(([, name, value]) => [name, value]),
  );
}

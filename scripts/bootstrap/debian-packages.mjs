// @ts-check
import { spawnSync } from "node:child_process";
import { runLogged } from "./logged-command.mjs";
import { NeedsHand } from "./steps.mjs";

/** Speech recognition, translation and voices that need no key and no network. */
export const engines = [
  "pocketsphinx-en-us",
  "libpocketsphinx3",
  "libespeak-ng1",
  "espeak-ng-data",
  "apertium",
  "apertium-eng-spa",
  "apertium-eng-cat",
  "apertium-en-gl",
  "apertium-eo-en",
  "apertium-es-pt",
  "apertium-fr-es",
  "apertium-fra-cat",
  "apertium-oc-es",
  "apertium-spa-cat",
  "apertium-spa-ita",
];

/** A browser and a voice that speaks to it, for tests, demo and benchmark; sounds and Redis, for tests. */
export const testing = ["flite", "chromium", "sox", "redis-tools"];

/** What building the media worker takes. */
export const toolchain = [
  "g++",
  "pkg-config",
  "meson",
  "ninja-build",
  "libuv1-dev",
  "libssl-dev",
  "libflatbuffers-dev",
  "flatbuffers-compiler",
  "libabsl-dev",
];

/**
 * Installs packages with apt where that is possible without asking, else says what to install.
 * @param {object} context
 * @param {import("./machine.mjs").Machine} context.machine
 * @param {NodeJS.ProcessEnv} context.env
 * @param {readonly string[]} context.after
 * @param {() => readonly string[]} context.wanted asked anew each time: earlier steps decide on it
 * @param {string} context.without
 * @returns {import("./steps.mjs").Step}
 */
export function debianPackagesStep({ machine, env, after, wanted, without }) {
  return {
    name: "packages from Debian",
    after,
    isDone: () => missingPackages(wanted(), machine).length === 0,
    remedy:
      "mend what the messages above name (apt-get -f install may help), then run the same command again.",
    without,
    async run(tools) {
      const missing = missingPackages(wanted(), machine);
      if (!machine.hasApt || !machine.isRoot) throw installByHand(missing, machine);
      const unknown = await aptInstall(missing, env, tools);
      if (unknown.length > 0) return `this distribution does not have ${unknown.join(" ")}`;
    },
  };
}

/**
 * Installs packages with apt; only root may.
 * @param {readonly string[]} packages
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./steps.mjs").StepTools} tools
 * @returns {Promise<string[]>} those that apt doesn't know; all others are installed
 */
export async function aptInstall(packages, env, { log, signal, update }) {
  /** @param {readonly string[]} args */
  const apt = (...args) =>
    runLogged("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=600", ...args], {
      log,
      signal,
      env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
      onLine: (line) => {
        const doing = /^(?:Get:\d+|Unpacking \S+|Setting up \S+)/.exec(line)?.[0];
        if (doing) update(doing.toLowerCase());
      },
    });
  const refresh = async () => {
    // A single source that doesn't answer fails this, while the packages may be in the others.
    await apt("update").catch(() => signal.throwIfAborted());
  };
  const install = (/** @type {readonly string[]} */ names) =>
    apt("install", "-y", "--no-install-recommends", ...names);

  const fresh = unknownToApt(packages).length > 0;
  if (fresh) await refresh();
  const unknown = unknownToApt(packages);
  const known = packages.filter((name) => !unknown.includes(name));
  if (known.length > 0) {
    await install(known).catch(async (error) => {
      signal.throwIfAborted();
      // Lists that are out of date name files that the servers no longer have.
      if (fresh) throw error;
      await refresh();
      await install(known);
    });
  }
  return unknown;
}

/**
 * Those that aren't installed. Where there is no apt nothing is known, and all count as missing.
 * @param {readonly string[]} packages
 * @param {Pick<import("./machine.mjs").Machine, "hasApt">} machine
 * @returns {string[]}
 */
export function missingPackages(packages, { hasApt }) {
  if (packages.length === 0) return [];
  if (!hasApt) return [...packages];
  const { stdout } = spawnSync(
    "dpkg-query",
    ["-W", "-f=${Package} ${db:Status-Status}\\n", ...packages],
    { encoding: "utf8" },
  );
  const lines = new Set(stdout.split("\n"));
  return packages.filter((name) => !lines.has(`${name} installed`));
}

/** @param {readonly string[]} packages */
function unknownToApt(packages) {
  const { stdout } = spawnSync("apt-cache", ["policy", ...packages], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return packages.filter((name) => !hasCandidate(stdout, name));
}

/**
 * Whether `apt-cache policy` names a version of the package that could be installed.
 * @param {string} policy what it printed
 * @param {string} name
 */
export function hasCandidate(policy, name) {
  const entry = policy.split(/^(?=\S)/m).find((text) => text.startsWith(`${name}:\n`));
  return /^ +Candidate: (?!\(none\))/m.test(entry ?? "");
}

/**
 * @param {readonly string[]} packages
 * @param {import("./machine.mjs").Machine} machine
 */
export function installByHand(packages, { hasApt, distribution }) {
  const list = packages.join(" ");
  if (hasApt) {
    return new NeedsHand(
      "only root may install packages",
      `install them, then run the same command again:\nsudo apt-get update\n` +
        `sudo apt-get install --no-install-recommends ${list}`,
    );
  }
  return new NeedsHand(
    `these are packages of Debian, and this is ${distribution}`,
    "install what they hold by other means, or use Docker: docs/installation.md says what works " +
      `on which system.\nDebian's names: ${list}`,
  );
}

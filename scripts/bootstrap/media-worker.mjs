// @ts-check
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { release, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { aptInstall, installByHand, missingPackages, toolchain } from "./debian-packages.mjs";
import { fetchDebianSource } from "./debian-source.mjs";
import { runLogged } from "./logged-command.mjs";
import { fingerprint } from "./stamp.mjs";
import { NeedsHand } from "./steps.mjs";

const recipe = "scripts/bootstrap/media-worker";
/** The worker checks what it was started by first of all, and ends with this when it is nothing. */
const startedByNothing = 41;
const answerTimeoutMs = 5_000;
const downloadTimeoutMs = 60_000;

/**
 * @typedef {object} MediaWorkerContext
 * @property {string} root
 * @property {string} cache
 * @property {import("./machine.mjs").Machine} machine
 * @property {NodeJS.ProcessEnv} env
 */

/**
 * Where mediasoup's worker is, or will be: the one that the environment names, else one in the cache,
 * by mediasoup's version, the machine's kind and the recipe that it is built by.
 * @param {MediaWorkerContext} context
 */
export function mediaWorkerPath({ root, cache, machine, env }) {
  if (env.MEDIASOUP_WORKER_BIN) return env.MEDIASOUP_WORKER_BIN;
  const system = `${machine.distribution}-${machine.arch}`;
  const name = [mediasoupVersion(root), system, fingerprint(root, [recipe])].join("-");
  return join(cache, "media-worker", name, "mediasoup-worker");
}

/**
 * Whether a worker is there and runs on this machine.
 * @param {string} path
 */
export function canRun(path) {
  return spawnSync(path, [], { env: {}, stdio: "ignore" }).status === startedByNothing;
}

/**
 * Fetches mediasoup's own prebuilt worker, if it can be had: not having it is no failure.
 * @param {MediaWorkerContext & { after: readonly string[] }} context
 * @returns {import("./steps.mjs").Step}
 */
export function downloadStep(context) {
  const path = mediaWorkerPath(context);
  return {
    name: "media worker, prebuilt",
    after: context.after,
    isDone: () => context.env.MEDIASOUP_WORKER_BIN !== undefined || canRun(path),
    remedy: "run the same command again.",
    without: "it is built from its sources",
    async run({ log, signal }) {
      mkdirSync(dirname(path), { recursive: true });
      const folder = mkdtempSync(join(dirname(path), "download-"));
      try {
        const address = prebuiltAddress(context);
        const archive = await download(address, signal);
        if (typeof archive === "string") {
          writeFileSync(log, `${address}: ${archive}\n`);
          return `cannot be had (${archive}), so it is built from its sources`;
        }
        writeFileSync(join(folder, "worker.tgz"), archive);
        await runLogged("tar", ["-xzf", "worker.tgz"], { log, signal, cwd: folder });
        const worker = join(folder, "mediasoup-worker");
        chmodSync(worker, 0o755);
        if (!canRun(worker)) return "does not run here, so it is built from its sources";
        renameSync(worker, path);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/**
 * Builds the worker from the sources in its npm package.
 * @param {MediaWorkerContext & { after: readonly string[] }} context
 * @returns {import("./steps.mjs").Step}
 */
export function buildStep(context) {
  const { root, env, machine } = context;
  const path = mediaWorkerPath(context);
  return {
    name: "media worker",
    after: context.after,
    isDone: () => canRun(path),
    remedy:
      "mend what the messages above name, then run the same command again; or set " +
      "MEDIASOUP_WORKER_BIN to a mediasoup-worker of this version that runs here.",
    without: "calls are unavailable, everything else works",
    async run(tools) {
      if (env.MEDIASOUP_WORKER_BIN) throw doesNotRun(path);
      const missing = missingPackages(toolchain, machine);
      if (missing.length > 0) throw installByHand(missing, machine);
      const folder = mkdtempSync(join(tmpdir(), "parley-media-worker-"));
      try {
        tools.update("fetching libsrtp's sources");
        const libsrtp = await fetchDebianSource("libsrtp2", folder, machine.codename, tools).catch(
          (error) => {
            tools.signal.throwIfAborted();
            return /** @type {Error} */ (error);
          },
        );
        // Debian links its own to NSS, which takes two to three times the time for a packet.
        const note =
          libsrtp instanceof Error &&
          `libsrtp's sources cannot be had (${libsrtp.message}): with Debian's own, encryption is slower`;
        if (note && machine.isRoot) await aptInstall(["libsrtp2-dev"], env, tools);
        const built = join(folder, "mediasoup-worker");
        const sources = join(root, "node_modules", "mediasoup");
        const args = [join(root, recipe, "build.sh"), sources, built];
        await runLogged("bash", note ? args : [...args, String(libsrtp)], {
          log: tools.log,
          signal: tools.signal,
          env: { ...env, TMPDIR: folder },
          onLine: (line) => {
            const [, done, all] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? [];
            if (done) tools.update(`building, ${done} of ${all}`);
          },
        });
        mkdirSync(dirname(path), { recursive: true });
        // Copied next to its place first: the cache may be on another disk, and a rename is atomic.
        await runLogged("cp", [built, `${path}.new`], tools);
        renameSync(`${path}.new`, path);
        if (!canRun(path)) throw new Error("the worker was built, but does not run");
        return note || undefined;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** @param {string} path */
function doesNotRun(path) {
  return new NeedsHand(
    `MEDIASOUP_WORKER_BIN names ${path}, which does not run here`,
    "correct the variable, or unset it to have a worker made.",
  );
}

/** @param {string} root */
function mediasoupVersion(root) {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return lock.packages["node_modules/mediasoup"].version;
}

/**
 * Where mediasoup's makers publish the worker for this kind of machine; the environment can name a
 * mirror, by the variable that mediasoup's own install script reads.
 * @param {MediaWorkerContext} context
 */
export function prebuiltAddress({ root, machine, env }) {
  const base =
    env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ||
    "https://github.com/versatica/mediasoup/releases/download";
  const version = mediasoupVersion(root);
  const kernel = machine.platform === "linux" ? `-kernel${release().split(".")[0]}` : "";
  return `${base}/${version}/mediasoup-worker-${version}-${machine.platform}-${machine.arch}${kernel}.tgz`;
}

/**
 * @param {string} address
 * @param {AbortSignal} signal
 * @returns {Promise<Buffer | string>} what is there, or why it can't be had
 */
async function download(address, signal) {
  const unanswered = new AbortController();
  const timer = setTimeout(() => unanswered.abort(), answerTimeoutMs);
  try {
    const response = await fetch(address, {
      signal: AbortSignal.any([signal, unanswered.signal, AbortSignal.timeout(downloadTimeoutMs)]),
    });
    clearTimeout(timer);
    if (!response.ok) return `${new URL(address).host} answers ${response.status}`;
    return Buffer.from(await response.arrayBuffer());
  } catch {
    signal.throwIfAborted();
    return `${new URL(address).host} cannot be reached`;
  } finally {
    clearTimeout(timer);
  }
}

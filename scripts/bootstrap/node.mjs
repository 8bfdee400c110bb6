// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { runLogged } from "./logged-command.mjs";
import { NeedsHand } from "./steps.mjs";
import { compareVersions } from "./version.mjs";

/** What the server needs (it runs TypeScript as it is), and what is fetched where it is missing. */
const needed = "24.0.0";
const fetched = "24.21.0";

/**
 * @typedef {object} NodeInUse
 * @property {string} path of the program
 * @property {string} npm path of npm's own command line, run with that Node
 */

/**
 * Where Node 24 is, or will be once its step has run.
 * @param {string} cache
 * @returns {string}
 */
export function nodePath(cache) {
  if (compareVersions(process.versions.node, needed) >= 0) return process.execPath;
  return join(nodeFolder(cache), "node_modules", packageName(), "bin", "node");
}

/**
 * Gets Node 24 from the npm registry when the machine's Node is older.
 * @param {string} cache
 * @returns {import("./steps.mjs").Step}
 */
export function nodeStep(cache) {
  const path = nodePath(cache);
  return {
    name: `Node ${fetched}`,
    after: [],
    isDone: () => existsSync(path),
    remedy: nodeRemedy,
    async run({ log, signal }) {
      if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) {
        throw new NeedsHand(`this is Node ${process.versions.node}`, nodeRemedy);
      }
      mkdirSync(cache, { recursive: true });
      const folder = mkdtempSync(join(cache, "node-"));
      try {
        // The platform's own package holds the program. `node` would only fetch it by an install
        // script, which npm may not allow.
        const args = ["install", "--prefix", folder, "--no-save", "--ignore-scripts", "--no-audit"];
        const what = `${packageName()}@${fetched}`;
        const npm = findNpm(process.env);
        await runLogged(process.execPath, [npm, ...args, what], { log, signal, cwd: folder });
        const program = join(folder, "node_modules", packageName(), "bin", "node");
        const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
        if (stdout?.trim() !== `v${fetched}`) {
          throw new NeedsHand("the Node that was fetched does not run here", nodeRemedy);
        }
        rmSync(nodeFolder(cache), { recursive: true, force: true });
        renameSync(folder, nodeFolder(cache));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

const nodeRemedy =
  "install Node 24 or newer, then run the same command again.\n" +
  "macOS: brew install node@24\n" +
  "Others: https://nodejs.org/en/download";

const packageName = () => `node-${process.platform}-${process.arch}`;
const nodeFolder = (/** @type {string} */ cache) => join(cache, `${packageName()}-${fetched}`);

/**
 * The command line of the npm in use: the one that runs this script, else the first on the PATH.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function findNpm(env) {
  const candidates = [
    env.npm_execpath ?? "",
    ...(env.PATH ?? "").split(delimiter).map((folder) => join(folder, "npm")),
    join(dirname(process.execPath), "../lib/node_modules/npm/bin/npm-cli.js"),
  ];
  for (const candidate of candidates) {
    if (!candidate || !existsSync(candidate)) continue;
    const path = realpathSync(candidate);
    if (basename(path) === "npm-cli.js") return path;
  }
  throw new NeedsHand(
    "npm was not found",
    "install npm, which comes with Node (on Debian in a package of its own: apt-get install npm).",
  );
}

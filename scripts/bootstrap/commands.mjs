// @ts-check
import { existsSync } from "node:fs";
import { join } from "node:path";
import { engines, testing } from "./debian-packages.mjs";

/**
 * What a command needs besides Node, and what it runs.
 * @typedef {object} Command
 * @property {boolean} npm whether it needs the packages from npm
 * @property {boolean} media whether it needs the media worker
 * @property {boolean} web whether it needs the built web app
 * @property {readonly string[]} debian packages from Debian
 * @property {readonly string[]} [program] arguments for Node
 * @property {boolean} [suite] runs the checks and tests instead of a program
 */

const nothing = { npm: true, media: false, web: false, debian: [] };
const serving = { npm: true, media: true, web: true, debian: engines };
const speaking = { npm: true, media: true, web: true, debian: [...engines, ...testing] };
const tool = (/** @type {string[]} */ name, /** @type {string[]} */ ...args) => ({
  ...nothing,
  program: [join("node_modules", ...name), ...args],
});

/** @type {Record<string, Command>} */
const commands = {
  start: { ...serving, program: ["server/main.ts"] },
  test: { ...speaking, suite: true },
  demo: { ...speaking, program: ["scripts/demo/main.ts"] },
  bench: { ...speaking, program: ["scripts/bench/main.ts"] },
  screenshot: { ...speaking, program: ["scripts/screenshot.ts"] },
  "set-up": serving,
  engines: { ...nothing, npm: false, debian: engines },
  "media-worker": { ...nothing, media: true },
  build: { ...nothing, web: true },
  lint: tool(["oxlint", "bin", "oxlint"]),
  format: tool(["oxfmt", "bin", "oxfmt"], "--write", "."),
  typecheck: tool(["typescript", "bin", "tsc"], "-b"),
};

/**
 * The command of a name. One that isn't in the table is a script: scripts/NAME.ts.
 * @param {string} root
 * @param {string} name
 * @returns {Command | undefined}
 */
export function findCommand(root, name) {
  if (Object.hasOwn(commands, name)) return commands[name];
  const script = join("scripts", `${name}.ts`);
  if (/^[a-z][a-z0-9-]*$/.test(name) && existsSync(join(root, script))) {
    return { ...nothing, program: [script] };
  }
  return undefined;
}

/** @returns {string[]} */
export function commandNames() {
  return Object.keys(commands);
}

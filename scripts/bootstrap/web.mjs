// @ts-check
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "./logged-command.mjs";
import { fingerprint, isStamped, writeStamp } from "./stamp.mjs";

const sources = ["client", "shared", "vite.config.ts", "package-lock.json"];

/**
 * The web app, built into dist/web whenever its sources have changed.
 * @param {object} context
 * @param {string} context.root
 * @param {string} context.node
 * @param {NodeJS.ProcessEnv} context.env
 * @param {readonly string[]} context.after
 * @param {string} [context.without] what is missing when it can't be built, if one can do without
 * @returns {import("./steps.mjs").Step}
 */
export function webStep({ root, node, env, after, without }) {
  const output = join(root, "dist", "web");
  const stamp = join(output, ".sources");
  return {
    name: "web app",
    after,
    isDone: () =>
      existsSync(join(output, "index.html")) && isStamped(stamp, fingerprint(root, sources)),
    remedy: "mend what the messages above name, then run the same command again.",
    without,
    async run({ log, signal }) {
      // Taken first: a source that changes during the build makes the next start build again.
      const print = fingerprint(root, sources);
      const vite = join(root, "node_modules", "vite", "bin", "vite.js");
      await runLogged(node, [vite, "build"], { log, signal, cwd: root, env });
      writeStamp(stamp, print);
    },
  };
}

// @ts-check
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInForeground } from "./foreground.mjs";
import { CommandFailed, runLogged } from "./logged-command.mjs";

const checks = [
  {
    name: "format",
    program: ["oxfmt/bin/oxfmt", "--check", "."],
    remedy: "npm run format mends it",
  },
  { name: "lint", program: ["oxlint/bin/oxlint"], remedy: "npm run lint shows it alone" },
  {
    name: "types",
    program: ["typescript/bin/tsc", "-b"],
    remedy: "npm run typecheck shows it alone",
  },
];

/** @typedef {{ passed: number, failed: number }} Count */

/**
 * Checks format, lint and types, then runs the tests; one that fails doesn't stop the others. With
 * arguments, which go to vitest, only the tests run.
 * @param {readonly string[]} args
 * @param {object} context
 * @param {string} context.root
 * @param {string} context.node
 * @param {NodeJS.ProcessEnv} context.env PARLEY_TEST_SUMMARY names a file for the last line
 * @param {string} context.logs
 * @param {import("./progress.mjs").Progress} context.progress
 * @param {AbortSignal} context.signal ends the checks; the tests get signals themselves
 * @returns {Promise<number>} the exit code
 */
export async function runSuite(args, { root, node, env, logs, progress, signal }) {
  const vitest = [join(root, "node_modules/vitest/vitest.mjs"), "run"];
  if (args.length > 0) return runInForeground(node, [...vitest, ...args], { cwd: root, env });

  // Side by side: one takes one core.
  const counts = await Promise.all(
    checks.map(async ({ name, program: [script = "", ...options], remedy }) => {
      progress.start(name);
      const log = join(logs, `check-${name}.log`);
      rmSync(log, { force: true });
      const command = [join(root, "node_modules", script), ...options];
      try {
        await runLogged(node, command, { log, signal, cwd: root, env });
        progress.end(name, "ok");
        return { passed: 1, failed: 0 };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof CommandFailed)) throw error;
        progress.end(name, "!!", `failed (${remedy})\n${readFileSync(log, "utf8")}`);
        return { passed: 0, failed: 1 };
      }
    }),
  );

  const folder = mkdtempSync(join(tmpdir(), "parley-test-"));
  try {
    const report = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const code = await runInForeground(node, [...vitest, ...reporters], { cwd: root, env });
    const text = existsSync(report) ? readFileSync(report, "utf8") : undefined;
    counts.push(countTests(text && JSON.parse(text), code));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  const summary = `${passed} passed, ${failed} failed`;
  console.log(summary);
  if (env.PARLEY_TEST_SUMMARY) writeFileSync(env.PARLEY_TEST_SUMMARY, `${summary}\n`);
  return failed > 0 ? 1 : 0;
}

/**
 * @typedef {object} VitestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults
 */

/**
 * Counts by vitest's report. A file that can't be loaded holds no test and counts as one that failed,
 * and so does a run that failed otherwise (an unhandled error, or no report at all).
 * @param {VitestReport | undefined} report
 * @param {number} code vitest's exit code
 * @returns {Count}
 */
export function countTests(report, code) {
  const brokenFiles = (report?.testResults ?? []).filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  const failed = (report?.numFailedTests ?? 0) + brokenFiles.length;
  return {
    passed: report?.numPassedTests ?? 0,
    failed: code !== 0 && failed === 0 ? 1 : failed,
  };
}

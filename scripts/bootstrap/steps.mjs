// @ts-check
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CommandFailed } from "./logged-command.mjs";

/**
 * One step of the set-up.
 * @typedef {object} Step
 * @property {string} name as shown, and of its log
 * @property {readonly string[]} after names of the steps that must have ended before
 * @property {() => boolean} isDone quick: every start asks
 * @property {(tools: StepTools) => Promise<string | void>} run gives a note to show when it is done
 * @property {string} remedy what a person can do when it fails
 * @property {string} [without] what is missing when it fails; a step without this is required
 */

/**
 * @typedef {object} StepTools
 * @property {string} log where the step's commands leave their output
 * @property {AbortSignal} signal
 * @property {(doing: string) => void} update shows what the step is at
 */

/** Something is the matter that the person at the machine can mend; `remedy` says how. */
export class NeedsHand extends Error {
  /**
   * @param {string} message
   * @param {string} remedy
   */
  constructor(message, remedy) {
    super(message);
    this.name = "NeedsHand";
    this.remedy = remedy;
  }
}

/** A required step failed. The message is complete and meant for a person. */
export class SetUpFailed extends Error {
  /**
   * @param {string} message
   * @param {ErrorOptions} options
   */
  constructor(message, options) {
    super(message, options);
    this.name = "SetUpFailed";
  }
}

/**
 * Runs the steps that aren't done, each as soon as those before it have ended.
 * @param {readonly Step[]} steps
 * @param {object} options
 * @param {import("./progress.mjs").Progress} options.progress
 * @param {string} options.logs the folder for log files
 * @param {AbortSignal} options.signal
 * @throws {SetUpFailed} when a required step failed
 */
export async function runSteps(steps, { progress, logs, signal }) {
  mkdirSync(logs, { recursive: true });
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  /** @type {Map<string, Promise<void>>} */
  const ended = new Map();
  for (const step of steps) {
    const before = step.after.flatMap((name) => ended.get(name) ?? []);
    const running = Promise.all(before).then(() => {
      if (step.isDone()) return undefined;
      return runStep(step, { progress, log: logPath(logs, step.name), signal: either });
    });
    // One required step that fails ends the others, rather than minutes of work for nothing.
    running.catch(() => stop.abort());
    ended.set(step.name, running);
  }
  const results = await Promise.allSettled(ended.values());
  const failures = results.flatMap((result) => (result.status === "rejected" ? result.reason : []));
  if (failures.length > 0)
    throw failures.find((error) => error instanceof SetUpFailed) ?? failures[0];
}

/**
 * @param {Step} step
 * @param {{ progress: import("./progress.mjs").Progress, log: string, signal: AbortSignal }} context
 */
async function runStep(step, { progress, log, signal }) {
  signal.throwIfAborted();
  rmSync(log, { force: true });
  progress.start(step.name);
  try {
    const update = (/** @type {string} */ doing) => progress.update(step.name, doing);
    const note = await step.run({ log, signal, update });
    progress.end(step.name, note ? "--" : "ok", note ?? "");
  } catch (error) {
    if (signal.aborted) {
      progress.end(step.name, "!!", "interrupted");
      throw error;
    }
    progress.end(step.name, "!!", "failed");
    const text = describeFailure(step, error, log);
    if (step.without === undefined) throw new SetUpFailed(text, { cause: error });
    progress.line(`${text}\n  Going on without it: ${step.without}.\n`);
  }
}

/**
 * Says what failed, shows the end of its output, where the rest is, and what to do.
 * @param {Pick<Step, "name" | "remedy">} step
 * @param {unknown} error
 * @param {string} log
 */
export function describeFailure(step, error, log) {
  const what = error instanceof Error ? error.message : String(error);
  const tail = error instanceof CommandFailed ? error.tail : [];
  const remedy = error instanceof NeedsHand ? error.remedy : step.remedy;
  return [
    `\n  The step "${step.name}" failed: ${what}`,
    ...(tail.length > 0 ? ["", ...tail.map((line) => `    ${line}`), ""] : []),
    ...remedy
      .split("\n")
      .map((line, index) => (index === 0 ? `  What to do: ${line}` : `    ${line}`)),
    ...(tail.length > 0 ? [`  Its whole output: ${log}`] : []),
  ].join("\n");
}

/**
 * @param {string} logs
 * @param {string} name
 */
function logPath(logs, name) {
  return join(logs, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.log`);
}

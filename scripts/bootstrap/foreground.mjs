// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/** Terminal and npm may both send the signal of one key press; within this time it is one. */
const samePressMs = 1_000;

/**
 * Runs a program in the foreground until it ends, and hands signals on to it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} its exit code, or 128 + the number of the signal that ended it
 */
export async function runInForeground(command, args, { cwd, env }) {
  const child = spawn(command, args, { cwd, env, stdio: "inherit" });
  const stopForwarding = forwardSignals((signal) => child.kill(signal));
  try {
    const [code, signal] = await once(child, "exit");
    if (signal) return 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
    return code;
  } finally {
    stopForwarding();
  }
}

/**
 * A terminal sends its interrupt to every process in the foreground, the child included, and a
 * program may take a second signal for impatience: so that one is not handed on.
 * @param {(signal: NodeJS.Signals) => void} send
 * @returns {() => void} stops
 */
function forwardSignals(send) {
  /** @type {Map<NodeJS.Signals, number>} */
  const lastAt = new Map();
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    const since = Date.now() - (lastAt.get(signal) ?? 0);
    if (since < samePressMs) return;
    lastAt.set(signal, Date.now());
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    send(signal);
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}

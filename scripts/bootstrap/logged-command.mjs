// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";

/** A command ended badly. `tail` holds its last lines. */
export class CommandFailed extends Error {
  /**
   * @param {string} command
   * @param {string} how
   * @param {string[]} tail
   */
  constructor(command, how, tail) {
    super(`\`${command}\` ${how}`);
    this.name = "CommandFailed";
    this.tail = tail;
  }
}

const tailLength = 20;

/**
 * Runs a command without showing it: every line goes to the log file and to `onLine`.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {string} options.log the file to append to
 * @param {AbortSignal} options.signal ends the command
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {(line: string) => void} [options.onLine]
 * @returns {Promise<string[]>} the last lines of what it printed
 * @throws {CommandFailed} when it cannot be started or ends with anything but 0
 */
export async function runLogged(command, args, { log, signal, cwd, env, onLine }) {
  const shown = [command.split("/").at(-1), ...args].join(" ").slice(0, 160);
  const file = createWriteStream(log, { flags: "a" });
  file.write(`$ ${shown}\n`);
  /** @type {string[]} */
  const tail = [];
  signal.throwIfAborted();
  // In a process group of its own, so that whatever it has started ends with it.
  const child = spawn(command, args, {
    cwd,
    env: { ...(env ?? process.env), NO_COLOR: "1", FORCE_COLOR: undefined },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => child.pid && process.kill(-child.pid);
  signal.addEventListener("abort", stop, { once: true });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on("line", (line) => {
      file.write(`${line}\n`);
      if (line.trim()) tail.push(line);
      if (tail.length > tailLength) tail.shift();
      onLine?.(line);
    });
  }
  try {
    const [code, killedBy] = await once(child, "close");
    if (code === 0) return tail;
    throw new CommandFailed(
      shown,
      killedBy ? `was ended by ${killedBy}` : `ended with code ${code}`,
      tail,
    );
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailed(shown, `could not be run: ${reason}`, tail);
  } finally {
    signal.removeEventListener("abort", stop);
    file.end();
    await finished(file);
  }
}

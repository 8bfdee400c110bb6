import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { EngineError } from "../../interpreter/engines.ts";
import { fromStream, toStream } from "./apertium-text.ts";

export type ApertiumPipelineOptions = {
  /** Such as `/usr/share/apertium/modes/eng-spa.mode`. */
  path: string;
  /** Turns a mode into a command that flushes at every NUL: `apertium-wblank-mode`. */
  modeTool: string;
  /** ms that one piece may take. */
  timeout: number;
  /**
   * ms that the first one may take after a start. Some dictionaries take seconds to load, and many when
   * the machine is busy: one that is killed meanwhile would only begin anew, and keep it busy.
   */
  startTimeout: number;
  /** Pieces that may wait. */
  limit: number;
};

type Request = {
  text: string;
  attempts: number;
  resolve: (text: string) => void;
  reject: (error: unknown) => void;
};

/**
 * One direction's long-lived processes. Requests are answered in order. When a process dies, or gives
 * no answer, all are replaced and what waited is sent again; the piece that was in work is tried once
 * more, then given up, since it may be what kills them.
 */
export class ApertiumPipeline {
  readonly #options: ApertiumPipelineOptions;
  #requests: Request[] = [];
  #process: ChildProcessWithoutNullStreams | undefined;
  #starting = false;
  /** The processes have answered since they were started. */
  #ready = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ApertiumPipelineOptions) {
    this.#options = options;
  }

  /** Rejects with an EngineError. A caller that gives up just ignores the answer. */
  translate(text: string): Promise<string> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.#requests.length >= this.#options.limit) {
      return Promise.reject(new EngineError("overloaded", "Too many translations wait."));
    }
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const request = { text, attempts: 0, resolve, reject };
    this.#requests.push(request);
    if (this.#process) this.#write(this.#process, request);
    else void this.#start();
    this.#watch();
    return promise;
  }

  /** Ends the processes and whatever waits. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    const child = this.#process;
    this.#process = undefined;
    for (const request of this.#requests.splice(0)) request.reject(closedError());
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const gone = new Promise((resolve) => child.once("exit", resolve));
    killGroup(child);
    await gone;
  }

  async #start(): Promise<void> {
    if (this.#starting) return;
    this.#starting = true;
    try {
      const { stdout: script } = await promisify(execFile)(
        this.#options.modeTool,
        ["-z", this.#options.path],
        { timeout: this.#options.timeout },
      );
      if (this.#closed) return;
      // -n leaves out the marks of unknown words. A group of its own, so that all can be killed. Not by
      // bash: its input is a socket, so it would take this for a login from afar and run .bashrc first.
      const child = spawn("sh", ["-c", script, "mode", "-n", ""], {
        detached: true,
        stdio: ["pipe", "pipe", "pipe"],
        env: { ...process.env, LC_ALL: "C.UTF-8" },
      });
      this.#process = child;
      this.#attend(child);
      for (const request of this.#requests) this.#write(child, request);
    } catch (cause) {
      const error = new EngineError("failed", "The translator could not be started.", { cause });
      for (const request of this.#requests.splice(0)) request.reject(error);
    } finally {
      this.#starting = false;
    }
  }

  #attend(child: ChildProcessWithoutNullStreams): void {
    let parts: Buffer[] = [];
    child.stdout.on("data", (data: Buffer) => {
      let rest = data;
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        const block = Buffer.concat([...parts, rest.subarray(0, end)]).toString("utf8");
        parts = [];
        rest = rest.subarray(end + 1);
        if (child === this.#process) this.#answer(block);
      }
      if (rest.length > 0) parts.push(rest);
    });
    // What the processes complain about may quote what was said, so it goes nowhere.
    child.stderr.resume();
    // A write to a process that has died; its "close" follows.
    child.stdin.on("error", () => {});
    child.on("error", () => this.#lose(child, "failed"));
    child.on("close", () => this.#lose(child, "failed"));
    // An idle translator keeps nobody's process alive.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      if ("unref" in stream && typeof stream.unref === "function") stream.unref();
    }
  }

  #write(child: ChildProcessWithoutNullStreams, request: Request): void {
    child.stdin.write(toStream(request.text));
  }

  #answer(block: string): void {
    this.#ready = true;
    this.#requests.shift()?.resolve(fromStream(block));
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#watch();
  }

  /** The first in line must be answered in time. */
  #watch(): void {
    if (this.#timer || this.#requests.length === 0) return;
    const { timeout, startTimeout } = this.#options;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#process) this.#lose(this.#process, "timeout");
      },
      this.#ready ? timeout : startTimeout,
    );
  }

  #lose(child: ChildProcessWithoutNullStreams, code: "failed" | "timeout"): void {
    if (child !== this.#process) return;
    this.#process = undefined;
    this.#ready = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    killGroup(child);
    const [first] = this.#requests;
    if (!first) return;
    first.attempts += 1;
    if (first.attempts > 1) {
      this.#requests.shift();
      const message =
        code === "timeout" ? "The translator gave no answer in time." : "The translator stopped.";
      first.reject(new EngineError(code, message, { retryable: true }));
    }
    if (this.#requests.length === 0) return;
    void this.#start();
    this.#watch();
  }
}

/** The shell and all stages of its pipeline. */
function killGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group has ended already.
  }
}

function closedError(): EngineError {
  return new EngineError("unavailable", "The translator is closed.");
}

import { Worker } from "node:worker_threads";
import type { Log } from "../kit/log.ts";
import { Slots } from "../kit/slots.ts";
import type { Inspection, InspectionAnswer, InspectionRequest } from "./inspection.ts";
import { tooManyFiles } from "./upload-limits.ts";

/** A file that takes longer is made to take long. */
const PATIENCE_MS = 10_000;
const MEMORY_MB = 256;
const WAITING = 64;

/**
 * Looks at files in a thread of its own, one after another: what is made to keep a parser busy for ever,
 * or to eat all memory, costs that thread and nothing else.
 */
export class Inspector {
  readonly #log: Log;
  readonly #script: URL;
  readonly #patienceMs: number;
  readonly #slots = new Slots({ atOnce: 1, waiting: WAITING, tooMany: tooManyFiles });
  #worker: Worker | undefined;
  #jobs = 0;
  #closed = false;

  constructor(options: { log: Log; script?: URL; patienceMs?: number }) {
    this.#log = options.log;
    this.#script = options.script ?? new URL("./inspection-worker.ts", import.meta.url);
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
  }

  /**
   * Of a file that can't be looked at within the limits nothing is known. Those of one account wait for
   * each other, and take turns with those of others.
   */
  inspect(path: string, options: { audio: boolean; accountId: string }): Promise<Inspection> {
    return this.#slots.run(() => this.#ask(path, options.audio), options.accountId);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  async #ask(path: string, audio: boolean): Promise<Inspection> {
    if (this.#closed) return {};
    const worker = this.#start();
    const job = ++this.#jobs;
    const { promise, resolve, reject } = Promise.withResolvers<Inspection | undefined>();
    const stop = () => resolve(undefined);
    const receive = (answer: InspectionAnswer) => {
      if (answer.job === job) resolve(answer.inspection);
    };
    const fail = (error: unknown) => (isOutOfMemory(error) ? stop() : reject(error));
    const timer = setTimeout(stop, this.#patienceMs);
    worker.ref();
    worker.on("message", receive);
    worker.once("error", fail);
    worker.once("exit", stop);
    worker.postMessage({ job, path, audio } satisfies InspectionRequest);
    try {
      const inspection = await promise;
      if (inspection) {
        worker.unref();
        return inspection;
      }
      this.#log.warn("a file could not be looked at within the limits");
      await this.#stop(worker);
      return {};
    } catch (error) {
      await this.#stop(worker);
      throw error;
    } finally {
      clearTimeout(timer);
      worker.off("message", receive);
      worker.off("error", fail);
      worker.off("exit", stop);
    }
  }

  /** It is started again for the next file. */
  async #stop(worker: Worker): Promise<void> {
    if (this.#worker === worker) this.#worker = undefined;
    await worker.terminate();
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(this.#script, {
      name: "inspector",
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    worker.on("error", (error) => this.#log.warn({ err: error }, "the inspector has stopped"));
    worker.once("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    this.#worker = worker;
    return worker;
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

import { Worker } from "node:worker_threads";
import { EngineError } from "../../interpreter/engines.ts";
import { AsyncQueue } from "../../kit/async-queue.ts";
import type { EspeakFiles, EspeakUtterance, EspeakVoice } from "./espeak.ts";
import type { FromSpeaker, ToSpeaker } from "./espeak-worker.ts";

/** The thread that speaks. Utterances are spoken one after another, in the order of the calls. */
export class EspeakThread {
  readonly voices: readonly EspeakVoice[];
  readonly #worker: Worker;
  readonly #jobs = new Map<number, AsyncQueue<Int16Array>>();
  #lastJob = 0;
  #gone: EngineError | undefined;

  /** Takes about 0.1 s. Rejects when the library or its data can't be loaded. */
  static async start(files: EspeakFiles): Promise<EspeakThread> {
    const worker = new Worker(new URL("./espeak-worker.ts", import.meta.url), {
      name: "synthesiser",
      workerData: files,
    });
    try {
      const voices = await new Promise<EspeakVoice[]>((resolve, reject) => {
        worker.once("message", (message: FromSpeaker) => {
          if (message.type === "ready") resolve(message.voices);
          else reject(new Error(message.type === "unusable" ? message.message : "no greeting"));
        });
        worker.once("error", reject);
        worker.once("exit", () => reject(new Error("the thread ended before it was ready")));
      });
      return new EspeakThread(worker, voices);
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  private constructor(worker: Worker, voices: readonly EspeakVoice[]) {
    this.#worker = worker;
    this.voices = voices;
    const stopped = (cause?: unknown) =>
      this.#end(new EngineError("failed", "The synthesiser has stopped.", { cause }));
    worker.on("message", (message: FromSpeaker) => this.#receive(message));
    worker.on("error", stopped);
    worker.on("exit", () => stopped());
    // An idle voice keeps nobody's process alive.
    worker.unref();
  }

  get gone(): boolean {
    return this.#gone !== undefined;
  }

  /** Chunks at 24 kHz. A set `cancelled` stops at the next chunk. */
  speak(utterance: EspeakUtterance, cancelled: SharedArrayBuffer): AsyncQueue<Int16Array> {
    const audio = new AsyncQueue<Int16Array>();
    if (this.#gone) {
      audio.fail(this.#gone);
      return audio;
    }
    this.#lastJob += 1;
    this.#jobs.set(this.#lastJob, audio);
    this.#worker.ref();
    const message: ToSpeaker = { job: this.#lastJob, utterance, cancelled };
    this.#worker.postMessage(message);
    return audio;
  }

  async close(): Promise<void> {
    this.#end(new EngineError("unavailable", "The synthesiser is closed."));
    await this.#worker.terminate();
  }

  #receive(message: FromSpeaker): void {
    if (message.type === "ready" || message.type === "unusable") return;
    const audio = this.#jobs.get(message.job);
    if (message.type === "audio") {
      audio?.push(message.samples);
      return;
    }
    this.#jobs.delete(message.job);
    if (this.#jobs.size === 0) this.#worker.unref();
    if (message.type === "done") audio?.end();
    else audio?.fail(new EngineError("failed", message.message));
  }

  #end(error: EngineError): void {
    if (this.#gone) return;
    this.#gone = error;
    for (const audio of this.#jobs.values()) audio.fail(error);
    this.#jobs.clear();
  }
}

import { Worker } from "node:worker_threads";
import { type Recognition, EngineError } from "../../interpreter/engines.ts";
import { AsyncQueue } from "../../kit/async-queue.ts";
import { readable } from "./hypothesis.ts";
import type { DecoderData, FromDecoder, ToDecoder } from "./pocketsphinx-worker.ts";

/** Samples that go to the thread at once: 64 ms. Each message costs both threads a tenth of a ms. */
const PIECE = 1024;

/**
 * A decoder in a thread of its own, lent to one utterance at a time. One thread each, because
 * recognition is synchronous native code: the end of one speaker's utterance must not delay
 * another's words while a core is free, and the kernel shares cores more fairly than a queue would.
 */
export class DecoderThread {
  readonly #worker: Worker;
  readonly #piece = new Int16Array(PIECE);
  #filled = 0;
  #utterance = 0;
  #results: AsyncQueue<Recognition> | undefined;
  #lastText = "";
  #gone = false;
  /** Called once when the thread has died by itself. */
  onGone: () => void = () => {};

  /** Takes about 0.4 s. Rejects with an EngineError when the model can't be loaded. */
  static async start(data: DecoderData): Promise<DecoderThread> {
    const worker = new Worker(new URL("./pocketsphinx-worker.ts", import.meta.url), {
      name: "recogniser",
      workerData: data,
    });
    try {
      await new Promise<void>((resolve, reject) => {
        worker.once("message", (message: FromDecoder) => {
          if (message.type === "ready") resolve();
          else reject(new Error(message.type === "unusable" ? message.message : "no greeting"));
        });
        worker.once("error", reject);
        worker.once("exit", () => reject(new Error("the thread ended before it was ready")));
      });
    } catch (cause) {
      await worker.terminate();
      throw new EngineError("failed", "A speech decoder could not be started.", { cause });
    }
    return new DecoderThread(worker);
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (message: FromDecoder) => this.#receive(message));
    worker.on("error", (cause) => this.#die(cause));
    worker.on("exit", () => this.#die(undefined));
    // An idle decoder keeps nobody's process alive.
    worker.unref();
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Partials (only the newest waits), then one final, then the end. */
  begin(): AsyncQueue<Recognition> {
    this.#utterance += 1;
    this.#filled = 0;
    this.#lastText = "";
    const results = new AsyncQueue<Recognition>({
      key: (item) => (item.type === "partial" ? "partial" : undefined),
    });
    this.#results = results;
    this.#worker.ref();
    if (this.#gone) results.fail(new EngineError("failed", "The speech decoder has stopped."));
    this.#send({ type: "begin", utterance: this.#utterance });
    return results;
  }

  /** `samples` are copied, at once or when there are enough of them. */
  hear(samples: Int16Array): void {
    for (let taken = 0; taken < samples.length;) {
      const part = samples.subarray(taken, taken + PIECE - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      if (this.#filled === PIECE) this.#sendPiece();
    }
  }

  /** No more audio: the final follows. */
  finish(): void {
    this.#sendPiece();
    this.#send({ type: "finish", utterance: this.#utterance });
  }

  /** Ends the utterance, whatever its state. The next may begin at once. */
  release(): void {
    this.#results?.end();
    this.#results = undefined;
    this.#worker.unref();
    this.#send({ type: "abandon", utterance: this.#utterance });
  }

  async close(): Promise<void> {
    this.#gone = true;
    this.#results?.fail(new EngineError("unavailable", "The recogniser is closed."));
    await this.#worker.terminate();
  }

  #sendPiece(): void {
    if (this.#filled === 0) return;
    const samples = this.#piece.slice(0, this.#filled);
    this.#send({ type: "audio", utterance: this.#utterance, samples });
    this.#filled = 0;
  }

  #send(message: ToDecoder): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromDecoder): void {
    if (message.type !== "partial" && message.type !== "final") return;
    if (message.utterance !== this.#utterance || !this.#results) return;
    const text = readable(message.text);
    if (message.type === "final") {
      this.#results.push({ type: "final", text });
      this.#results.end();
    } else if (text !== this.#lastText) {
      this.#lastText = text;
      this.#results.push({ type: "partial", text });
    }
  }

  #die(cause: unknown): void {
    if (this.#gone) return;
    this.#gone = true;
    const error = new EngineError("failed", "The speech decoder has stopped.", {
      cause,
      retryable: true,
    });
    this.#results?.fail(error);
    this.onGone();
  }
}

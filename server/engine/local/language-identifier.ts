import { Worker } from "node:worker_threads";
import { baseLanguage, type LanguageTag } from "../../../shared/language.ts";
import type { FromIdentifier, ToIdentifier } from "./language-identifier-worker.ts";

/**
 * Tells in which of some languages a text is written. The statistics take 1 s and 150 MB to load, so
 * they live in a thread of their own that starts with the first question.
 */
export class LanguageIdentifier {
  #worker: Worker | undefined;
  #lastQuestion = 0;
  readonly #questions = new Map<number, PromiseWithResolvers<FromIdentifier>>();
  #closed = false;

  /**
   * The likeliest of `among`, with the region that it has there; undefined when it is none of them,
   * or can't be told. Rejects when the thread fails.
   */
  async identifyLanguage(
    text: string,
    among: readonly LanguageTag[],
  ): Promise<LanguageTag | undefined> {
    const { scores } = await this.#ask(text);
    let best: { tag: LanguageTag; score: number } | undefined;
    for (const tag of among) {
      const score = scores[statisticsLanguage(tag)] ?? 0;
      if (score > (best?.score ?? 0)) best = { tag, score };
    }
    return best?.tag;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#fail(new Error("the language identifier is closed"));
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #ask(text: string): Promise<FromIdentifier> {
    if (this.#closed) return Promise.reject(new Error("the language identifier is closed"));
    const worker = (this.#worker ??= this.#start());
    this.#lastQuestion += 1;
    const question = Promise.withResolvers<FromIdentifier>();
    this.#questions.set(this.#lastQuestion, question);
    worker.ref();
    worker.postMessage({ question: this.#lastQuestion, text } satisfies ToIdentifier);
    return question.promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./language-identifier-worker.ts", import.meta.url), {
      name: "language-identifier",
    });
    const stopped = (cause?: unknown) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#fail(new Error("the language identifier has stopped", { cause }));
    };
    worker.on("message", (answer: FromIdentifier) => {
      this.#questions.get(answer.question)?.resolve(answer);
      this.#questions.delete(answer.question);
      if (this.#questions.size === 0) worker.unref();
    });
    worker.on("error", stopped);
    worker.on("exit", () => stopped());
    return worker;
  }

  #fail(error: Error): void {
    for (const question of this.#questions.values()) question.reject(error);
    this.#questions.clear();
  }
}

/** The statistics know Norwegian and Tagalog by the names of their macrolanguages. */
function statisticsLanguage(tag: LanguageTag): string {
  const base = baseLanguage(tag);
  return { nb: "no", nn: "no", fil: "tl" }[base] ?? base;
}

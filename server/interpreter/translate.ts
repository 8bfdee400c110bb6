import { CAPTION_LIMIT } from "../../shared/caption.ts";
import { type LanguageTag, sameLanguage } from "../../shared/language.ts";
import { AsyncQueue } from "../kit/async-queue.ts";
import { EngineError, type Translator } from "./engines.ts";
import { type TranslatePolicy, translatePolicy } from "./policy.ts";
import type { Clause, TranslatedClause } from "./speech.ts";
import { untilAborted } from "./until-aborted.ts";

export type TranslateOptions = {
  to: LanguageTag;
  translator: Translator;
  signal: AbortSignal;
  timeoutMs?: number;
  policy?: Partial<TranslatePolicy>;
};

/**
 * Translates one speaker's clauses into one language, each once, in their order. A clause that the
 * translator fails at, or is too late with, comes out with an empty text and the error. A clause that
 * is in the wanted language already, or empty, comes out as it is.
 */
export async function* translate(
  clauses: AsyncIterable<Clause>,
  options: TranslateOptions,
): AsyncGenerator<TranslatedClause, void, undefined> {
  const { to, translator } = options;
  const policy: TranslatePolicy = {
    ...translatePolicy,
    ...options.policy,
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
  };
  const stopped = new AbortController();
  const signal = AbortSignal.any([options.signal, stopped.signal]);
  const running = new AsyncQueue<Promise<TranslatedClause>>({ signal });

  async function one(clause: Clause, context: string[]): Promise<TranslatedClause> {
    const { text, language: from } = clause;
    if (text.trim() === "" || sameLanguage(from, to)) return { clause, to, text };
    try {
      const request = (signal: AbortSignal) =>
        translator.translate({ text, from, to, context, signal });
      const translated = (await within(policy.timeoutMs, signal, request)).trim();
      if (translated.length > CAPTION_LIMIT) {
        throw new EngineError("failed", "the translator gave more than any clause says");
      }
      return { clause, to, text: translated };
    } catch (error) {
      return { clause, to, text: "", error };
    }
  }

  async function start(): Promise<void> {
    const underWay = new Set<Promise<unknown>>();
    const said: string[] = [];
    for await (const clause of untilAborted(clauses, signal)) {
      while (underWay.size >= policy.concurrency) await Promise.race(underWay);
      const translation = one(clause, said.slice());
      underWay.add(translation);
      void translation.then(() => underWay.delete(translation));
      running.push(translation);
      if (clause.text.trim() !== "") said.push(clause.text);
      if (said.length > policy.contextClauses) said.shift();
    }
  }

  void start().then(
    () => running.end(),
    (error: unknown) => running.fail(error),
  );
  try {
    for await (const translation of running) {
      const translated = await translation;
      if (signal.aborted) return;
      yield translated;
    }
  } finally {
    stopped.abort();
  }
}

/** Rejects after `ms` or when `signal` aborts, whether or not what runs takes notice. */
async function within<Value>(
  ms: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (reason: unknown) => {
    reject(reason);
    controller.abort(reason);
  };
  const onAbort = () => end(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(
    () => end(new EngineError("timeout", `no translation within ${ms} ms`)),
    ms,
  );
  try {
    return await Promise.race([run(controller.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

import type { Availability } from "../../../shared/engine.ts";
import type { LanguageTag } from "../../../shared/language.ts";
import {
  EngineError,
  type Recogniser,
  type Recognition,
  type RecogniserSession,
  serves,
} from "../../interpreter/engines.ts";
import { AsyncQueue } from "../../kit/async-queue.ts";
import { HEARING_RATE } from "../../kit/pcm.ts";
import { errorOf, garbled, type Fault, type Faults, pause, suffer } from "./fault.ts";

/** What the recogniser knows of an utterance up to now. */
export type ScriptedHearing = {
  language: LanguageTag;
  /** Sessions count from 0 over the engine's life, utterances from 0 over the session's. */
  session: number;
  utterance: number;
  /** ms of audio. */
  duration: number;
};

export type ScriptedRecogniserOptions = {
  provider?: string;
  availability?: Availability;
  languages: readonly LanguageTag[];
  /**
   * The texts of a session's utterances in order, of which one more word is heard at each partial.
   * Or a function that is asked at each partial and at the end. What neither gives, throws.
   */
  script: readonly string[] | ((hearing: ScriptedHearing) => string | undefined);
  /** Begins the list again at its end. */
  repeat?: boolean;
  /** ms of audio between partials, 100 by default. */
  partialInterval?: number;
  /** ms, none by default. */
  openDelay?: number;
  finalDelay?: number;
  faults?: Faults;
};

/** Quieter than this all through, an utterance is silence: its text is empty, whatever the script. */
const silence = 100;

/** A recogniser that hears what its script says. Deterministic but for the time that its caller takes. */
export function createScriptedRecogniser(options: ScriptedRecogniserOptions): Recogniser {
  const closing = new AbortController();
  const availability = options.availability ?? { available: true };
  let sessions = 0;
  let calls = 0;

  return {
    provider: options.provider ?? "scripted",
    availability,
    languages: options.languages,
    async open({ language, signal }) {
      if (!availability.available) throw new EngineError("unavailable", availability.reason);
      closing.signal.throwIfAborted();
      if (!serves(options.languages, language)) {
        throw new EngineError("language", `No script for ${language}.`);
      }
      await pause(options.openDelay ?? 0, signal);
      const session = sessions;
      sessions += 1;
      const nextFault = () => options.faults?.(calls++);
      const ended = AbortSignal.any([closing.signal, signal]);
      return new ScriptedSession({ ...options, language, session, nextFault }, ended);
    },
    close() {
      closing.abort(new EngineError("unavailable", "The recogniser is closed."));
      return Promise.resolve();
    },
  };
}

type SessionOptions = ScriptedRecogniserOptions & {
  language: LanguageTag;
  session: number;
  nextFault: () => Fault | undefined;
};

class ScriptedSession implements RecogniserSession {
  readonly #options: SessionOptions;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  #utterances = 0;
  #busy = false;

  constructor(options: SessionOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
  }

  async *recognise(
    audio: AsyncIterable<Int16Array>,
    options: { signal: AbortSignal },
  ): AsyncGenerator<Recognition, void> {
    if (this.#busy) throw new EngineError("input", "Utterances of a session may not overlap.");
    const signal = AbortSignal.any([this.#signal, options.signal]);
    signal.throwIfAborted();
    this.#busy = true;
    const results = new AsyncQueue<Recognition>({
      key: (item) => (item.type === "partial" ? "partial" : undefined),
    });
    const iterator = audio[Symbol.asyncIterator]();
    const abort = () => {
      this.#busy = false;
      results.fail(signal.reason);
      void iterator.return?.().then(undefined, () => {});
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#hear(iterator, results, signal).catch((error: unknown) => results.fail(error));
    try {
      yield* results;
    } finally {
      signal.removeEventListener("abort", abort);
      abort();
    }
  }

  close(): Promise<void> {
    this.#closing.abort(new EngineError("unavailable", "The session is closed."));
    return Promise.resolve();
  }

  async #hear(
    iterator: AsyncIterator<Int16Array>,
    results: AsyncQueue<Recognition>,
    signal: AbortSignal,
  ): Promise<void> {
    const fault = this.#options.nextFault();
    if (fault?.type !== "slow") await suffer(fault, signal);
    const interval = ((this.#options.partialInterval ?? 100) * HEARING_RATE) / 1000;
    let samples = 0;
    let partials = 0;
    let loud = false;
    let lastText = "";
    for (;;) {
      const { value, done } = await iterator.next();
      if (signal.aborted || results.ended) return;
      if (done) break;
      samples += value.length;
      loud ||= value.some((sample) => Math.abs(sample) > silence);
      if (!loud || samples < (partials + 1) * interval) continue;
      partials = Math.floor(samples / interval);
      const text = this.#text(samples, partials, fault);
      if (text !== lastText) results.push({ type: "partial", text });
      lastText = text;
      if (fault?.type === "break") throw errorOf(fault);
    }
    if (fault?.type === "slow") await suffer(fault, signal);
    if (fault?.type === "break") throw errorOf(fault);
    await pause(this.#options.finalDelay ?? 0, signal);
    results.push({ type: "final", text: loud ? this.#text(samples, undefined, fault) : "" });
    if (loud) this.#utterances += 1;
    results.end();
  }

  #text(samples: number, words: number | undefined, fault: Fault | undefined): string {
    const { script, repeat, language, session } = this.#options;
    const utterance = this.#utterances;
    const duration = (samples * 1000) / HEARING_RATE;
    const text =
      typeof script === "function"
        ? script({ language, session, utterance, duration })
        : script[repeat ? utterance % script.length : utterance];
    if (text === undefined) {
      throw new EngineError("failed", `Nothing is scripted for utterance ${utterance}.`);
    }
    const heard = typeof script === "function" ? text : text.split(" ").slice(0, words).join(" ");
    return fault?.type === "garble" ? garbled(heard) : heard;
  }
}

import { availableParallelism, totalmem } from "node:os";
import type { Availability } from "../../../shared/engine.ts";
import {
  EngineError,
  type Recogniser,
  type RecogniserSession,
  type Recognition,
  serves,
} from "../../interpreter/engines.ts";
import type { AsyncQueue } from "../../kit/async-queue.ts";
import { type Log, silentLog } from "../../kit/log.ts";
import { HEARING_RATE } from "../../kit/pcm.ts";
import { DecoderPool } from "./decoder-pool.ts";
import { DecoderThread } from "./decoder-thread.ts";
import { debianPocketsphinx, type PocketsphinxFiles, pocketsphinxProblem } from "./pocketsphinx.ts";

export type LocalRecogniserOptions = {
  files?: Partial<PocketsphinxFiles>;
  /** Speakers that are recognised at the same time. By default 4 a core, in a quarter of memory. */
  maximumDecoders?: number;
  /** ms that an utterance may wait for a decoder; its audio is kept meanwhile. */
  maximumWait?: number;
  /** ms of audio between partials. */
  partialInterval?: number;
  log?: Log;
};

const decoderBytes = 100e6;

function defaultDecoders(): number {
  return Math.max(
    1,
    Math.min(availableParallelism() * 4, Math.floor(totalmem() / 4 / decoderBytes)),
  );
}

/** English speech by pocketsphinx, in threads of this process. Loads no model before `open`. */
export function createLocalRecogniser(options: LocalRecogniserOptions = {}): Recogniser {
  const files = { ...debianPocketsphinx, ...options.files };
  const problem = pocketsphinxProblem(files);
  const availability: Availability =
    problem === undefined ? { available: true } : { available: false, reason: problem };
  const partialSamples = ((options.partialInterval ?? 100) * HEARING_RATE) / 1000;
  const pool = new DecoderPool({
    start: () => DecoderThread.start({ files, partialSamples }),
    maximum: options.maximumDecoders ?? defaultDecoders(),
    maximumWait: options.maximumWait ?? 2000,
    idleTime: 60_000,
    log: options.log ?? silentLog,
  });
  const languages = ["en"];

  return {
    provider: "local",
    availability,
    languages,
    async open({ language, signal }) {
      if (!availability.available) throw new EngineError("unavailable", availability.reason);
      if (!serves(languages, language)) {
        throw new EngineError("language", `The local recogniser does not understand ${language}.`);
      }
      signal.throwIfAborted();
      const session = new LocalRecogniserSession(pool, signal);
      await pool.enter(session);
      if (signal.aborted) await session.close();
      signal.throwIfAborted();
      return session;
    },
    close: () => pool.close(),
  };
}

class LocalRecogniserSession implements RecogniserSession {
  readonly #pool: DecoderPool<DecoderThread>;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  #busy = false;

  constructor(pool: DecoderPool<DecoderThread>, signal: AbortSignal) {
    this.#pool = pool;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#signal.addEventListener("abort", () => pool.leave(this), { once: true });
  }

  async *recognise(
    audio: AsyncIterable<Int16Array>,
    options: { signal: AbortSignal },
  ): AsyncGenerator<Recognition, void> {
    if (this.#busy) throw new EngineError("input", "Utterances of a session may not overlap.");
    if (this.#signal.aborted) throw new EngineError("unavailable", "The session is closed.");
    const signal = AbortSignal.any([this.#signal, options.signal]);
    signal.throwIfAborted();
    this.#busy = true;
    const utterance = new Utterance(audio);
    let decoder: DecoderThread | undefined;
    let results: AsyncQueue<Recognition> | undefined;
    // Also when the signal aborts, for a reader may have stopped reading without saying so.
    const free = () => {
      signal.removeEventListener("abort", free);
      this.#busy = false;
      utterance.stop();
      if (signal.aborted) results?.fail(signal.reason);
      if (decoder) this.#pool.release(decoder);
      decoder = undefined;
    };
    signal.addEventListener("abort", free);
    try {
      decoder = await this.#pool.borrow(this, signal);
      results = decoder.begin();
      const failing = results;
      utterance.sendTo(decoder, (error) => failing.fail(error));
      yield* results;
    } finally {
      free();
    }
  }

  close(): Promise<void> {
    this.#closing.abort(new EngineError("unavailable", "The session is closed."));
    return Promise.resolve();
  }
}

/** Reads an utterance's audio from the start, and keeps it until there is a decoder for it. */
class Utterance {
  readonly #iterator: AsyncIterator<Int16Array>;
  #early: Int16Array[] = [];
  #decoder: DecoderThread | undefined;
  #ended = false;
  #stopped = false;
  #error: { cause: unknown } | undefined;
  #fail: ((error: unknown) => void) | undefined;

  constructor(audio: AsyncIterable<Int16Array>) {
    this.#iterator = audio[Symbol.asyncIterator]();
    void this.#read();
  }

  sendTo(decoder: DecoderThread, fail: (error: unknown) => void): void {
    this.#decoder = decoder;
    this.#fail = fail;
    for (const samples of this.#early) decoder.hear(samples);
    this.#early = [];
    if (this.#error) fail(this.#error.cause);
    else if (this.#ended) decoder.finish();
  }

  stop(): void {
    this.#stopped = true;
    this.#early = [];
    // Not awaited: a generator answers only after what it is waiting for.
    if (!this.#ended) void this.#iterator.return?.().then(undefined, () => {});
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#iterator.next();
        if (this.#stopped) return;
        if (done) break;
        if (this.#decoder) this.#decoder.hear(value);
        else this.#early.push(value.slice());
      }
      this.#ended = true;
      this.#decoder?.finish();
    } catch (cause) {
      this.#ended = true;
      this.#error = { cause };
      this.#fail?.(cause);
    }
  }
}

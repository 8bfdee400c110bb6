import { EngineError } from "../../interpreter/engines.ts";
import type { Log } from "../../kit/log.ts";

/** What the pool needs of a decoder: `release` ends what it does, `onGone` says that it has died. */
export type PooledDecoder = {
  readonly gone: boolean;
  onGone: () => void;
  release(): void;
  close(): Promise<void>;
};

export type DecoderPoolOptions<Decoder> = {
  start: () => Promise<Decoder>;
  /** Decoders that may exist at once, each 96 MB. */
  maximum: number;
  /** ms that an utterance may wait for a decoder. */
  maximumWait: number;
  /** ms after which decoders that no session needs are let go. */
  idleTime: number;
  log: Log;
};

type Waiter<Decoder> = {
  session: object;
  resolve: (decoder: Decoder) => void;
  reject: (error: unknown) => void;
};

/**
 * Lends decoders to utterances. While anyone may speak there is one more than are lent, up to the
 * maximum and to the number of sessions, so that nobody waits for a model to load. A session gets the
 * decoder that it had before when it can: a decoder knows the channel of whom it has heard.
 */
export class DecoderPool<Decoder extends PooledDecoder> {
  readonly #options: DecoderPoolOptions<Decoder>;
  readonly #sessions = new Set<object>();
  /** Of every decoder, the session that it heard last. */
  readonly #lastSession = new Map<Decoder, object | undefined>();
  /** Longest idle first. */
  readonly #idle = new Set<Decoder>();
  readonly #waiters: Waiter<Decoder>[] = [];
  #starting = 0;
  #closed = false;
  #trim: NodeJS.Timeout | undefined;

  constructor(options: DecoderPoolOptions<Decoder>) {
    this.#options = options;
  }

  get size(): number {
    return this.#lastSession.size;
  }

  /** Resolves when a first decoder is there. Rejects with an EngineError when none can be had. */
  async enter(session: object): Promise<void> {
    this.#assertOpen();
    this.#sessions.add(session);
    if (this.size > 0) return this.#prepare();
    try {
      // A model takes as long as it takes to load: on a busy machine, longer than anyone else waits.
      const decoder = await this.#queue(session);
      this.release(decoder);
    } catch (error) {
      this.#sessions.delete(session);
      throw error;
    }
  }

  leave(session: object): void {
    this.#sessions.delete(session);
    this.#trimLater();
  }

  /** Rejects with EngineError "overloaded" when no decoder comes free in time. */
  async borrow(session: object, signal: AbortSignal): Promise<Decoder> {
    this.#assertOpen();
    signal.throwIfAborted();
    const decoder = this.#choose(session);
    if (decoder) {
      this.#lend(decoder, session);
      this.#prepare();
      return decoder;
    }
    if (this.#waiters.length >= this.#options.maximum * 4) throw overloaded();
    return this.#queue(session, { maximumWait: this.#options.maximumWait, signal });
  }

  release(decoder: Decoder): void {
    decoder.release();
    if (this.#closed || decoder.gone) return;
    this.#offer(decoder);
    this.#trimLater();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#trim);
    this.#rejectAll(closedError());
    await Promise.all([...this.#lastSession.keys()].map((decoder) => decoder.close()));
    this.#lastSession.clear();
    this.#idle.clear();
  }

  async #queue(
    session: object,
    limits?: { maximumWait: number; signal: AbortSignal },
  ): Promise<Decoder> {
    const { promise, resolve, reject } = Promise.withResolvers<Decoder>();
    // Whoever gives up leaves the line at once, or a decoder could be lent to nobody.
    const giveUp = (error: unknown) => {
      const index = this.#waiters.indexOf(waiter);
      if (index >= 0) this.#waiters.splice(index, 1);
      reject(error);
    };
    const waiter: Waiter<Decoder> = { session, resolve, reject: giveUp };
    this.#waiters.push(waiter);
    let timer: NodeJS.Timeout | undefined;
    const wait = (ms: number) => {
      // A model that loads for whoever waits here comes when it comes: their words are kept.
      const coming = () => this.#waiters.indexOf(waiter) < this.#starting;
      timer = setTimeout(() => (coming() ? wait(ms) : giveUp(overloaded())), ms);
    };
    if (limits) wait(limits.maximumWait);
    const abort = () => giveUp(limits?.signal.reason);
    limits?.signal.addEventListener("abort", abort, { once: true });
    this.#prepare();
    let decoder: Decoder;
    try {
      decoder = await promise;
    } finally {
      clearTimeout(timer);
      limits?.signal.removeEventListener("abort", abort);
    }
    if (limits?.signal.aborted) {
      // Whoever gave up in the same turn takes it no more.
      this.release(decoder);
      throw limits.signal.reason;
    }
    return decoder;
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError();
  }

  /** The session's own decoder, else one that nobody claims, else the one that is idle longest. */
  #choose(session: object): Decoder | undefined {
    const idle = [...this.#idle];
    const last = (decoder: Decoder) => this.#lastSession.get(decoder);
    return (
      idle.find((decoder) => last(decoder) === session) ??
      idle.find((decoder) => {
        const owner = last(decoder);
        return owner === undefined || !this.#sessions.has(owner);
      }) ??
      idle[0]
    );
  }

  #lend(decoder: Decoder, session: object): void {
    this.#idle.delete(decoder);
    this.#lastSession.set(decoder, session);
  }

  #offer(decoder: Decoder): void {
    const waiter = this.#waiters.shift();
    if (!waiter) {
      this.#idle.add(decoder);
      return;
    }
    this.#lend(decoder, waiter.session);
    waiter.resolve(decoder);
  }

  /** Starts decoders until one is idle for whoever speaks next, or the maximum is reached. */
  #prepare(): void {
    const lent = this.size - this.#idle.size;
    const needed = Math.max(1, Math.min(this.#sessions.size, lent + this.#waiters.length + 1));
    const wanted = Math.min(this.#options.maximum, Math.max(needed, lent + this.#waiters.length));
    while (this.size + this.#starting < wanted) void this.#start();
  }

  async #start(): Promise<void> {
    this.#starting += 1;
    try {
      const decoder = await this.#options.start();
      if (this.#closed) {
        await decoder.close();
        return;
      }
      decoder.onGone = () => this.#lose(decoder);
      this.#lastSession.set(decoder, undefined);
      this.#offer(decoder);
    } catch (error) {
      this.#options.log.error({ err: error }, "a speech decoder could not be started");
      // With others at work the waiting may still be served; alone, nothing would ever come.
      if (this.size === 0) this.#rejectAll(error);
    } finally {
      this.#starting -= 1;
    }
  }

  #rejectAll(error: unknown): void {
    for (const waiter of this.#waiters.slice()) waiter.reject(error);
  }

  #lose(decoder: Decoder): void {
    this.#options.log.error("a speech decoder stopped and is replaced");
    this.#idle.delete(decoder);
    this.#lastSession.delete(decoder);
    if (!this.#closed) this.#prepare();
  }

  #trimLater(): void {
    if (this.#trim || this.#closed) return;
    this.#trim = setTimeout(() => {
      this.#trim = undefined;
      for (const decoder of this.#idle) {
        if (this.size <= Math.max(1, this.#sessions.size)) break;
        this.#idle.delete(decoder);
        this.#lastSession.delete(decoder);
        void decoder.close();
      }
    }, this.#options.idleTime).unref();
  }
}

function overloaded(): EngineError {
  return new EngineError("overloaded", "More people speak at once than speech decoders allow.");
}

function closedError(): EngineError {
  return new EngineError("unavailable", "The recogniser is closed.");
}

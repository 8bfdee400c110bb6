import type { LanguageTag } from "../../shared/language.ts";
import { AsyncQueue } from "../kit/async-queue.ts";

export type BranchesOptions<Item> = {
  /** Does a language's work: reads `items` to their end. Ends early, without an error, on `signal`. */
  run(language: LanguageTag, items: AsyncIterable<Item>, signal: AbortSignal): Promise<void>;
  /** A branch failed. It is started again with the next item, though not sooner than `restartMs`. */
  onFailed(language: LanguageTag, error: unknown): void;
  /** Stops all branches. */
  signal: AbortSignal;
  restartMs?: number;
};

type Branch<Item> = {
  items: AsyncQueue<Item>;
  stop: AbortController;
  done: Promise<void>;
  failedAt?: number;
};

/** Items that may wait for a branch: an hour of clauses. What reads them is never so slow. */
const WAITING_ITEMS = 1_000;
const RESTART_MS = 5_000;

/** Keeps one running branch for each wanted language, and hands every item to all of them. */
export class Branches<Item> {
  readonly #options: BranchesOptions<Item>;
  readonly #branches = new Map<LanguageTag, Branch<Item>>();
  readonly #stopping = new Set<Promise<void>>();
  #ended = false;

  constructor(options: BranchesOptions<Item>) {
    this.#options = options;
  }

  get languages(): LanguageTag[] {
    return [...this.#branches.keys()];
  }

  /** From now on these languages are wanted: starts what is missing, stops what nobody wants. */
  want(languages: Iterable<LanguageTag>): void {
    if (this.#ended || this.#options.signal.aborted) return;
    const wanted = new Set(languages);
    for (const [language, branch] of this.#branches) {
      if (wanted.has(language)) continue;
      this.#branches.delete(language);
      this.#stop(branch);
    }
    for (const language of wanted) {
      if (!this.#branches.has(language)) this.#branches.set(language, this.#start(language));
    }
  }

  /** A branch that starts later doesn't get it. */
  push(item: Item): void {
    if (this.#ended || this.#options.signal.aborted) return;
    const restartMs = this.#options.restartMs ?? RESTART_MS;
    for (const [language, branch] of this.#branches) {
      const failed = branch.failedAt !== undefined;
      if (failed && performance.now() - (branch.failedAt ?? 0) < restartMs) continue;
      const running = failed ? this.#start(language) : branch;
      if (failed) this.#branches.set(language, running);
      running.items.push(item);
    }
  }

  /** There are no more items. Resolves when every branch has done its work. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const { items } of this.#branches.values()) items.end();
    await this.#settled();
  }

  /** Stops every branch. Resolves when all have ended. */
  async close(): Promise<void> {
    this.#ended = true;
    for (const branch of this.#branches.values()) this.#stop(branch);
    await this.#settled();
  }

  #start(language: LanguageTag): Branch<Item> {
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, stop.signal]);
    const items = new AsyncQueue<Item>({ limit: WAITING_ITEMS, overflow: "fail", signal });
    const branch: Branch<Item> = { items, stop, done: Promise.resolve() };
    branch.done = this.#run(language, branch, signal);
    return branch;
  }

  async #run(language: LanguageTag, branch: Branch<Item>, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.run(language, branch.items, signal);
    } catch (error) {
      if (signal.aborted) return;
      branch.failedAt = performance.now();
      this.#options.onFailed(language, error);
    } finally {
      branch.items.end();
    }
  }

  #stop(branch: Branch<Item>): void {
    branch.stop.abort();
    const stopping = branch.done.finally(() => this.#stopping.delete(stopping));
    this.#stopping.add(stopping);
  }

  async #settled(): Promise<void> {
    const running = Array.from(this.#branches.values(), ({ done }) => done);
    await Promise.all([...running, ...this.#stopping]);
    this.#branches.clear();
  }
}

import type { Voice } from "../../shared/call.ts";
import { backoffMs, pause } from "./backoff.ts";
import { type ParleyError, toParleyError } from "./parley-error.ts";

export type VoiceReconcilerOptions<Open> = {
  /** Starts to receive a voice. Rejects when it can't; what it opened is then closed again. */
  open: (voice: Voice, signal: AbortSignal) => Promise<Open>;
  close: (open: Open) => void;
  /** A voice that should play doesn't, and trying again would not help. */
  onError: (error: ParleyError) => void;
};

type Entry<Open> = { closing: AbortController; open: Open | undefined };

/**
 * Makes what is received equal to what should be, whatever order things happen in: a voice may end
 * while it is being opened, come back before it was closed, or fail to open for a while.
 */
export class VoiceReconciler<Open> {
  readonly #options: VoiceReconcilerOptions<Open>;
  readonly #entries = new Map<string, Entry<Open>>();

  constructor(options: VoiceReconcilerOptions<Open>) {
    this.#options = options;
  }

  set(voices: readonly Voice[]): void {
    const wanted = new Set(voices.map(({ producerId }) => producerId));
    for (const [producerId, entry] of this.#entries) {
      if (wanted.has(producerId)) continue;
      this.#entries.delete(producerId);
      this.#close(entry);
    }
    for (const voice of voices) {
      if (!this.#entries.has(voice.producerId)) void this.#open(voice);
    }
  }

  close(): void {
    this.set([]);
  }

  async #open(voice: Voice): Promise<void> {
    const closing = new AbortController();
    const { signal } = closing;
    const entry: Entry<Open> = { closing, open: undefined };
    this.#entries.set(voice.producerId, entry);
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const open = await this.#options.open(voice, signal);
        if (signal.aborted) this.#options.close(open);
        else entry.open = open;
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        const error = toParleyError(thrown);
        if (!error.retryable && !hasJustEnded(error)) {
          this.#options.onError(error);
          return;
        }
      }
      await pause(backoffMs(attempt), signal);
    }
  }

  #close({ closing, open }: Entry<Open>): void {
    closing.abort();
    if (open !== undefined) this.#options.close(open);
  }
}

/** A voice that has ended is taken off the list in a moment, and is no failure. */
function hasJustEnded({ reason }: ParleyError): boolean {
  return reason === "PRODUCER_NOT_FOUND" || reason === "CONSUMER_NOT_FOUND";
}

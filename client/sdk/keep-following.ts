import { backoffMs, pause } from "./backoff.ts";
import { type ParleyError, toParleyError } from "./parley-error.ts";

export type FollowHandlers<Data> = {
  /** Also after each interruption. */
  onStarted: () => void;
  onData: (event: { id: string; data: Data }) => void;
  onError: (error: unknown) => void;
  onComplete: () => void;
};

/**
 * Follows a subscription of tracked events. The link resumes it when the connection was lost; when the
 * server ended it for a while, it is opened again after the last event that came. `onEnd` hears of
 * what is final: an error, or nothing when the server closed it.
 */
export function keepFollowing<Data>(options: {
  open: (
    lastEventId: string | undefined,
    handlers: FollowHandlers<Data>,
  ) => { unsubscribe: () => void };
  lastEventId?: string | undefined;
  signal: AbortSignal;
  onData: (data: Data) => void;
  onStarted?: () => void;
  onEnd?: (error: ParleyError | undefined) => void;
}): void {
  const { open, signal, onData, onStarted, onEnd } = options;
  let { lastEventId } = options;
  let attempt = 0;

  function begin(): void {
    if (signal.aborted) return;
    const subscription = open(lastEventId, {
      onStarted: () => onStarted?.(),
      onData: ({ id, data }) => {
        lastEventId = id;
        attempt = 0;
        onData(data);
      },
      onError: (thrown) => {
        finish();
        void failed(toParleyError(thrown));
      },
      onComplete: () => {
        finish();
        if (!signal.aborted) onEnd?.(undefined);
      },
    });
    const stop = () => subscription.unsubscribe();
    const finish = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop, { once: true });
  }

  async function failed(error: ParleyError): Promise<void> {
    if (signal.aborted) return;
    if (!error.retryable) {
      onEnd?.(error);
      return;
    }
    const patience = backoffMs(attempt);
    attempt += 1;
    await pause(patience, signal);
    begin();
  }

  begin();
}

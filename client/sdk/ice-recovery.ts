import { backoffMs, pause } from "./backoff.ts";
import { toParleyError } from "./parley-error.ts";

/** How long a path that was just negotiated anew may take to work. */
const CHECK_MS = 4000;
/** Paths negotiated in vain before the whole session is taken for lost. */
const ATTEMPTS = 4;
/** Most cuts are short, and heal by themselves. */
const FIRST_WAIT_MS = 500;

export type IceRecovery = {
  connected: () => boolean;
  /** Asks the server for new credentials, and takes them. */
  restart: () => Promise<void>;
  /** Aborts when the transport closes, or is connected again. */
  signal: AbortSignal;
};

/** Finds a new path for media after the old one broke. False: there is nothing to be found. */
export async function recoverIce({ connected, restart, signal }: IceRecovery): Promise<boolean> {
  await pause(FIRST_WAIT_MS, signal);
  let restarts = 0;
  for (let attempt = 0; !signal.aborted && !connected(); attempt += 1) {
    if (restarts === ATTEMPTS) return false;
    try {
      await restart();
      restarts += 1;
      await pause(CHECK_MS, signal);
    } catch (thrown) {
      // No answer is no news: the network is gone for requests too.
      if (!toParleyError(thrown).retryable) return signal.aborted || connected();
      await pause(backoffMs(attempt), signal);
    }
  }
  return true;
}

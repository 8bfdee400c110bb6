import { pause } from "./backoff.ts";

/** Everyone in a room hears of each mark: with each message, from all who read along, it is too many. */
const PAUSE_MS = 1000;

/**
 * Gives what marks a message, and all before it, as read. `tell` is called at once, and from then on
 * once a second for the newest of what was marked meanwhile. Resolves when it has been told; rejects
 * when that fails, and then nothing newer counts as marked.
 */
export function createReadMark(
  tell: (messageId: string) => Promise<unknown>,
  signal: AbortSignal,
): (messageId: string) => Promise<void> {
  let wanted = "";
  let told = "";
  let toldAt = Number.NEGATIVE_INFINITY;
  let telling: Promise<void> | undefined;

  async function catchUp(): Promise<void> {
    try {
      while (told < wanted) {
        const waitMs = toldAt + PAUSE_MS - performance.now();
        // Who closes the chat has read what they have read: then it is told without waiting.
        if (waitMs > 0) await pause(waitMs, signal);
        const messageId = wanted;
        toldAt = performance.now();
        await tell(messageId);
        told = messageId;
      }
    } catch (error) {
      wanted = told;
      throw error;
    } finally {
      telling = undefined;
    }
  }

  return async (messageId) => {
    if (messageId <= told) return;
    if (messageId > wanted) wanted = messageId;
    telling ??= catchUp();
    await telling;
  };
}

/** A connection that takes longer to open has failed. */
const OPEN_LIMIT_MS = 8000;
/** The other side has this long to agree to closing. */
const CLOSE_LIMIT_MS = 100;

/**
 * A WebSocket that does not wait for a network which is gone without having said so. Browsers try
 * for minutes to open a connection, and Chromium waits a minute for the answer to closing one.
 */
export function createImpatientSocket(
  Base: typeof WebSocket = WebSocket,
  limits: { openMs?: number; closeMs?: number } = {},
): typeof WebSocket {
  const { openMs = OPEN_LIMIT_MS, closeMs = CLOSE_LIMIT_MS } = limits;

  return class ImpatientSocket extends Base {
    #early: CloseEvent | undefined;
    #giveUp: ReturnType<typeof setTimeout> | undefined;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      const opening = setTimeout(() => this.close(), openMs);
      this.addEventListener("open", () => clearTimeout(opening));
      this.addEventListener("close", (event) => {
        clearTimeout(opening);
        clearTimeout(this.#giveUp);
        // Everybody has been told already.
        if (this.#early && event !== this.#early) event.stopImmediatePropagation();
      });
    }

    override close(code?: number, reason?: string): void {
      super.close(code, reason);
      if (this.readyState === Base.CLOSED) return;
      this.#giveUp ??= setTimeout(() => {
        this.#early = new CloseEvent("close", { code: 1006 });
        this.dispatchEvent(this.#early);
      }, closeMs);
    }
  };
}

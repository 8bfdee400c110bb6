import { backoffMs, pause } from "./backoff.ts";
import { ParleyError, toParleyError } from "./parley-error.ts";

/** One peer of ours at the server, as far as keeping one goes. */
export type KeptSession = { readonly peerId: string; follow(): void; close(): void };

export type SessionKeeperOptions<Session extends KeptSession> = {
  open: () => Promise<Session>;
  /** Brings a new session to the state that is wanted, before it follows events. */
  prepare: (session: Session) => Promise<void>;
  /** Tells the server that a peer of ours is not needed any more. */
  forget: (peerId: string, signal: AbortSignal) => Promise<void>;
  /** There is a session now, or none any more. */
  onChange: () => void;
  /** There can't be another session. */
  onEnded: (error: ParleyError) => void;
};

/** Leaving waits no longer for an answer: the server notices by itself, if later. */
const LEAVE_LIMIT_MS = 2000;

/** Keeps one session, and replaces it by another when it is lost, until it is closed. */
export class SessionKeeper<Session extends KeptSession> {
  readonly #options: SessionKeeperOptions<Session>;
  readonly #closing = new AbortController();
  #session: Session | undefined;
  /** A peer of ours that the server may still have. */
  #abandoned: string | undefined;
  #replacing = false;

  constructor(options: SessionKeeperOptions<Session>) {
    this.#options = options;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** One attempt at a session. */
  async start(): Promise<void> {
    const { open, prepare } = this.#options;
    await this.#forgetAbandoned();
    const session = await open();
    this.#abandoned = session.peerId;
    try {
      if (this.closed) throw new ParleyError("CALL_ENDED", "The call has ended.");
      this.#session = session;
      await prepare(session);
      if (this.#session !== session) throw new ParleyError("CONNECTION_LOST", "Lost again.");
    } catch (error) {
      session.close();
      if (this.#session === session) this.#session = undefined;
      if (this.closed) await this.#leave(session.peerId);
      throw error;
    }
    this.#abandoned = undefined;
    session.follow();
    this.#options.onChange();
  }

  /** The session is lost: another one takes its place, as soon as there can be one. */
  async replace(lost: ParleyError): Promise<void> {
    if (!saysPeerIsGone(lost)) this.#abandoned = this.#session?.peerId ?? this.#abandoned;
    this.#session?.close();
    this.#session = undefined;
    this.#options.onChange();
    if (this.#replacing) return;
    this.#replacing = true;
    const { signal } = this.#closing;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await this.start();
        break;
      } catch (thrown) {
        const error = toParleyError(thrown);
        if (signal.aborted) break;
        if (!error.retryable && !isLost(error)) {
          this.#options.onEnded(error);
          break;
        }
      }
      await pause(backoffMs(attempt), signal);
    }
    this.#replacing = false;
  }

  /** Ends the session at once, and then waits a moment for the server to know, if it doesn't. */
  async close(options: { serverKnows: boolean }): Promise<void> {
    if (this.closed) return;
    this.#closing.abort();
    const peerId = this.#session?.peerId ?? this.#abandoned;
    this.#session?.close();
    this.#session = undefined;
    if (peerId !== undefined && !options.serverKnows) await this.#leave(peerId);
  }

  /** Ends the peer that was given up, so that it does not hold the microphone. */
  async #forgetAbandoned(): Promise<void> {
    if (this.#abandoned === undefined) return;
    try {
      await this.#options.forget(this.#abandoned, this.#closing.signal);
    } catch (error) {
      if (toParleyError(error).reason !== "PEER_NOT_FOUND") throw error;
    }
    this.#abandoned = undefined;
  }

  async #leave(peerId: string): Promise<void> {
    try {
      await this.#options.forget(peerId, AbortSignal.timeout(LEAVE_LIMIT_MS));
    } catch {
      // Who can't be told notices: a peer that nobody follows is removed.
    }
  }
}

function saysPeerIsGone({ reason }: ParleyError): boolean {
  return (
    reason === "PEER_NOT_FOUND" || reason === "MEDIA_UNAVAILABLE" || reason === "SERVER_CLOSING"
  );
}

/** Whether the server says that it has lost the peer, or that peer and client disagree. */
export function isLost({ reason }: ParleyError): boolean {
  return (
    reason === "PEER_NOT_FOUND" || reason === "TRANSPORT_NOT_FOUND" || reason === "TRANSPORT_LIMIT"
  );
}

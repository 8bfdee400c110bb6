import { ALL_SESSIONS, sessionEndedTopic } from "../account/lucia-sessions.ts";
import type { Session, SessionStore } from "../account/session-store.ts";
import type { Bus } from "../bus/bus.ts";
import { follow } from "../bus/follow.ts";
import type { Log } from "../kit/log.ts";

/** How long the answer to a logout has to leave before the socket that it came by closes. */
const GOODBYE_MS = 50;
const EXPIRY_CHECK_MS = 500;
/** Longer than it takes to let somebody in. */
const REMEMBERED_MS = 60_000;

type Open = { expiresAt: number; closes: Set<() => void> };

/** Everything that stays open under a session: sockets, and subscriptions over HTTP. */
export type Connections = {
  /** `close` is called when the session has ended or expired. Gives what takes it out again. */
  add(session: Session, close: () => void): () => void;
  /** Stops watching. */
  stop(): void;
};

export async function createConnections(deps: {
  bus: Bus;
  sessions: Pick<SessionStore, "find">;
  log: Log;
  /** Called when a session has ended or expired, for what it holds besides connections. */
  onEnded: (sessionId: string) => void;
}): Promise<Connections> {
  const { bus, sessions, log, onEnded } = deps;
  const open = new Map<string, Open>();
  /** When sessions have ended, the first one first: for who was let in by one a moment before. */
  const ended = new Map<string, number>();
  const stopping = new AbortController();

  function end(sessionId: string): void {
    const found = open.get(sessionId);
    open.delete(sessionId);
    ended.set(sessionId, Date.now());
    for (const close of found?.closes ?? []) close();
    onEnded(sessionId);
  }

  /** Another request may have moved the end of the session meanwhile. */
  async function endUnlessExtended(sessionId: string, found: Open): Promise<void> {
    const session = await sessions.find(sessionId);
    if (session) found.expiresAt = session.expiresAt.getTime();
    else end(sessionId);
  }

  await follow(bus, sessionEndedTopic, ALL_SESSIONS, {
    signal: stopping.signal,
    onEvent: ({ sessionId }) => void setTimeout(end, GOODBYE_MS, sessionId).unref(),
    // Whose session it was is not known: each is checked.
    onMissed: () => {
      for (const found of open.values()) found.expiresAt = 0;
    },
  });

  const checking = setInterval(() => {
    const now = Date.now();
    for (const [sessionId, at] of ended) {
      if (at > now - REMEMBERED_MS) break;
      ended.delete(sessionId);
    }
    for (const [sessionId, found] of open) {
      if (found.expiresAt > now) continue;
      endUnlessExtended(sessionId, found).catch((error: unknown) =>
        log.warn({ err: error }, "a session could not be checked"),
      );
    }
  }, EXPIRY_CHECK_MS);
  checking.unref();

  return {
    add(session, close) {
      if (ended.has(session.id)) {
        const closing = setImmediate(close);
        return () => clearImmediate(closing);
      }
      const expiresAt = session.expiresAt.getTime();
      const found = open.get(session.id) ?? { expiresAt, closes: new Set() };
      found.expiresAt = Math.max(found.expiresAt, expiresAt);
      found.closes.add(close);
      open.set(session.id, found);
      return () => {
        found.closes.delete(close);
        if (found.closes.size === 0 && open.get(session.id) === found) open.delete(session.id);
      };
    },
    stop() {
      stopping.abort();
      clearInterval(checking);
    },
  };
}

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ALL_SESSIONS, sessionEndedTopic } from "../account/lucia-sessions.ts";
import type { Session, SessionStore } from "../account/session-store.ts";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import { silentLog } from "../kit/log.ts";
import { type Connections, createConnections } from "./connections.ts";

const stored = new Map<string, Session>();
const sessions: Pick<SessionStore, "find"> = {
  find: (id) => {
    const session = stored.get(id);
    const alive = session && session.expiresAt.getTime() > Date.now();
    return Promise.resolve(alive ? session : undefined);
  },
};

let bus: EmbeddedBus;
let connections: Connections;

beforeEach(async () => {
  vi.useFakeTimers();
  stored.clear();
  bus = new EmbeddedBus();
  connections = await createConnections({ bus, sessions, log: silentLog, onEnded: () => {} });
});
afterEach(async () => {
  connections.stop();
  await bus.close();
  vi.useRealTimers();
});

function open(id: string, lastsMs: number) {
  const session = { id, accountId: "ann", guest: true, expiresAt: new Date(Date.now() + lastsMs) };
  stored.set(id, session);
  const close = vi.fn<() => void>();
  const remove = connections.add(session, close);
  return { close, remove };
}

it("closes everything of a session within a second of its end, and nothing else", async () => {
  const [one, two, other] = [open("a", 1e9), open("a", 1e9), open("b", 1e9)];
  const gone = open("a", 1e9);
  gone.remove();
  bus.publish(sessionEndedTopic, ALL_SESSIONS, { sessionId: "a" });
  await vi.advanceTimersByTimeAsync(999);
  expect(one.close).toHaveBeenCalledOnce();
  expect(two.close).toHaveBeenCalledOnce();
  expect(gone.close).not.toHaveBeenCalled();
  expect(other.close).not.toHaveBeenCalled();
});

it("closes what comes when its session has ended, by who was let in a moment before", async () => {
  const other = open("b", 1e9);
  bus.publish(sessionEndedTopic, ALL_SESSIONS, { sessionId: "a" });
  await vi.advanceTimersByTimeAsync(2000);
  const late = open("a", 1e9);
  const gone = open("a", 1e9);
  gone.remove();
  await vi.advanceTimersByTimeAsync(1);
  expect(late.close).toHaveBeenCalledOnce();
  expect(gone.close).not.toHaveBeenCalled();
  expect(other.close).not.toHaveBeenCalled();
});

it("closes when a session expires, unless it was extended meanwhile", async () => {
  const { close } = open("a", 10_000);
  await vi.advanceTimersByTimeAsync(5000);
  stored.set("a", {
    id: "a",
    accountId: "ann",
    guest: true,
    expiresAt: new Date(Date.now() + 10_000),
  });
  await vi.advanceTimersByTimeAsync(9000);
  expect(close).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2000);
  expect(close).toHaveBeenCalledOnce();
});

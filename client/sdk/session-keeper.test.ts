import { describe, expect, it, vi } from "vitest";
import { ParleyError, type ParleyErrorReason } from "./parley-error.ts";
import { SessionKeeper } from "./session-keeper.ts";
import { eventually } from "../../shared/testing/eventually.ts";

class FakeSession {
  readonly peerId: string;
  following = false;
  closed = false;

  constructor(peerId: string) {
    this.peerId = peerId;
  }

  follow(): void {
    this.following = true;
  }

  close(): void {
    this.closed = true;
  }
}

const lost = new ParleyError("CONNECTION_LOST", "The media server can't be reached.");

/** `failures`: what the first openings fail with. */
function setUp(failures: ParleyErrorReason[] = []) {
  const opened: FakeSession[] = [];
  const forgotten: string[] = [];
  const ended: ParleyError[] = [];
  const prepare = vi.fn(async (_session: FakeSession) => {});
  const keeper = new SessionKeeper<FakeSession>({
    open: async () => {
      const reason = failures.shift();
      if (reason) throw new ParleyError(reason, reason);
      const session = new FakeSession(`peer ${opened.length}`);
      opened.push(session);
      return session;
    },
    prepare,
    forget: async (peerId) => void forgotten.push(peerId),
    onChange: () => undefined,
    onEnded: (error) => ended.push(error),
  });
  return { keeper, opened, forgotten, ended, prepare };
}

describe("keeping a session", () => {
  it("prepares a session before it follows it", async () => {
    const { keeper, opened, prepare } = setUp();
    prepare.mockImplementationOnce(async ({ following }) => expect(following).toBe(false));
    await keeper.start();
    expect(opened).toMatchObject([{ following: true, closed: false }]);
    expect(keeper.session).toBe(opened[0]);
  });

  it("rejects a first attempt that fails, and does not try again", async () => {
    const { keeper, opened } = setUp(["CONNECTION_LOST"]);
    await expect(keeper.start()).rejects.toMatchObject({ reason: "CONNECTION_LOST" });
    expect(opened).toEqual([]);
  });

  it("replaces a lost session, and gives the old peer back first", async () => {
    const { keeper, opened, forgotten } = setUp();
    await keeper.start();
    await keeper.replace(lost);
    expect(forgotten).toEqual(["peer 0"]);
    expect(opened).toMatchObject([{ closed: true }, { closed: false, following: true }]);
  });

  it("does not give back a peer that the server has lost", async () => {
    const { keeper, opened, forgotten } = setUp();
    await keeper.start();
    await keeper.replace(new ParleyError("PEER_NOT_FOUND", "This call has ended."));
    expect(forgotten).toEqual([]);
    expect(opened).toHaveLength(2);
  });

  it("goes on trying while the server can't be reached", async () => {
    const failures: ParleyErrorReason[] = [];
    const { keeper, opened, ended } = setUp(failures);
    await keeper.start();
    failures.push("CONNECTION_LOST", "SERVER_CLOSING");
    await keeper.replace(lost);
    expect(opened).toHaveLength(2);
    expect(ended).toEqual([]);
  });

  it("tries again when the new session is lost before it was ready", async () => {
    const { keeper, opened, prepare } = setUp();
    await keeper.start();
    prepare.mockImplementationOnce(async () => keeper.replace(lost));
    await keeper.replace(lost);
    await eventually(() => expect(opened.at(-1)).toMatchObject({ following: true, closed: false }));
    expect(opened.filter(({ closed }) => !closed)).toHaveLength(1);
  });

  it("gives up when there is nothing to come back to", async () => {
    const failures: ParleyErrorReason[] = [];
    const { keeper, ended } = setUp(failures);
    await keeper.start();
    failures.push("NOT_A_MEMBER");
    await keeper.replace(lost);
    expect(ended).toMatchObject([{ reason: "NOT_A_MEMBER" }]);
    expect(keeper.session).toBeUndefined();
  });

  it("tells the server when it closes, once", async () => {
    const { keeper, opened, forgotten } = setUp();
    await keeper.start();
    await keeper.close({ serverKnows: false });
    await keeper.close({ serverKnows: false });
    expect(forgotten).toEqual(["peer 0"]);
    expect(opened).toMatchObject([{ closed: true }]);
  });

  it("leaves nothing behind when it is closed while a session is opening", async () => {
    const { keeper, opened, forgotten } = setUp();
    const starting = keeper.start();
    await keeper.close({ serverKnows: false });
    await expect(starting).rejects.toMatchObject({ reason: "CALL_ENDED" });
    expect(opened).toMatchObject([{ closed: true, following: false }]);
    expect(forgotten).toEqual(["peer 0"]);
  });
});

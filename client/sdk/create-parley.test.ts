import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatMessage } from "../../shared/chat.ts";
import { startTestServer, type TestServer } from "../../server/testing/test-server.ts";
import { freeTcpPort } from "../testing/ports.ts";
import { TcpRelay } from "../testing/tcp-relay.ts";
import { createParley, type Parley, type RoomState, toParleyError } from "./index.ts";
import { eventually } from "../../shared/testing/eventually.ts";

let server: TestServer;
let relay: TcpRelay;
const opened: Parley[] = [];
const realFetch = globalThis.fetch;

beforeEach(async () => {
  server = await startTestServer({ presenceGraceMs: 50 });
  relay = await TcpRelay.open({ host: "127.0.0.1", port: Number(new URL(server.url).port) });
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((parley) => parley.close()));
  await relay.close();
  await server.close();
});

/** Somebody new, whose every connection goes through the relay. */
async function signIn(name: string, language = "en"): Promise<Parley> {
  const parley = open();
  await parley.signIn({ name, language });
  return parley;
}

function open(token?: string): Parley {
  const parley = createParley({ url: `http://127.0.0.1:${relay.port}`, token });
  opened.push(parley);
  return parley;
}

async function newRoom(owner: Parley): Promise<string> {
  return (await owner.api.room.create.mutate({ name: "Kitchen" })).id;
}

describe("signing in", () => {
  it("makes an account whose requests and subscriptions are allowed, until signing out", async () => {
    const parley = open();
    expect(await parley.restore()).toBeUndefined();
    expect(await parley.signIn({ name: "Ann", language: "en" })).toMatchObject({ name: "Ann" });
    expect(await parley.restore()).toEqual(parley.account);
    const room = parley.room(await newRoom(parley));
    await eventually(() => expect(room.state).toBeDefined());

    await parley.signOut();
    expect(parley.account).toBeUndefined();
    expect(await parley.restore()).toBeUndefined();
    await expect(newRoom(parley).catch(toParleyError)).resolves.toMatchObject({
      reason: "NOT_SIGNED_IN",
    });
  });

  it("is not needed with the token of a session", async () => {
    const { token, account } = await server.signIn("Ann");
    expect(await open(token).restore()).toEqual(account);
  });

  it("sends the session's own token for access tokens only, and those with everything else", async () => {
    const { token } = await server.signIn("Ann");
    const sent: { path: string; authorization: string | null }[] = [];
    const fetching = vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
      const { pathname } = new URL(String(input instanceof Request ? input.url : input));
      const authorization = new Headers(init?.headers).get("authorization");
      sent.push({ path: pathname.replace("/trpc/", ""), authorization });
      return realFetch(input, init);
    });
    try {
      const parley = open(token);
      await parley.restore();
      await parley.setLanguage("fr");
      expect(sent.map(({ path }) => path)).toEqual([
        "account.token",
        "account.me",
        "account.setLanguage",
      ]);
      expect(sent.filter(({ authorization }) => authorization === `Bearer ${token}`)).toEqual([
        sent[0],
      ]);
      expect(sent[1]?.authorization).toMatch(/^Bearer [^.]+\.[^.]+\.[^.]+$/u);
    } finally {
      fetching.mockRestore();
    }
  });

  it("goes on when an access token is not taken any more", async () => {
    const { token, account } = await server.signIn("Ann");
    const paths: string[] = [];
    const fetching = vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
      const { pathname } = new URL(String(input instanceof Request ? input.url : input));
      paths.push(pathname.replace("/trpc/", ""));
      // As if the server had another key meanwhile.
      const stale = paths.length === 2 && { headers: { authorization: "Bearer a.b.c" } };
      return realFetch(input, { ...init, ...stale });
    });
    try {
      expect(await open(token).restore()).toEqual(account);
      expect(paths).toEqual(["account.token", "account.me", "account.token", "account.me"]);
    } finally {
      fetching.mockRestore();
    }
  });

  it("lasts over the end of access tokens: nothing that is open notices", async () => {
    const parley = await signIn("Ann");
    const roomId = await newRoom(parley);
    const room = parley.room(roomId);
    await eventually(() => expect(room.state).toBeDefined());
    const states: string[] = [];
    parley.connection.on("state", (state) => states.push(state));
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      for (let count = 0; count < 3; count += 1) {
        vi.setSystemTime(Date.now() + 11 * 60_000);
        const { client, account } = await server.signIn("Bob");
        await client.room.join.mutate({ roomId });
        await eventually(() =>
          expect(room.state?.room.members.map(({ accountId }) => accountId)).toContain(account.id),
        );
        expect((await parley.restore())?.name).toBe("Ann");
      }
      expect(states).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("works with an address and a password, also for a guest, whose rooms stay", async () => {
    const email = "ann@example.org";
    const password = "a fine long secret";
    const parley = await signIn("Ann");
    const roomId = await newRoom(parley);
    const guest = parley.account;
    expect(await parley.upgrade({ email, password })).toMatchObject({ id: guest?.id, email });
    const newPassword = "quite another secret";
    await parley.changePassword({ currentPassword: password, newPassword });
    const room = parley.room(roomId);
    await eventually(() => expect(room.state?.room.role).toBe("owner"));
    await parley.signOut();

    const phone = open();
    await expect(phone.logIn({ email, password })).rejects.toMatchObject({
      name: "ParleyError",
      reason: "CREDENTIALS_WRONG",
    });
    expect(await phone.logIn({ email, password: newPassword })).toMatchObject({ id: guest?.id });
    await phone.removeAccount({ password: newPassword });
    expect(phone.account).toBeUndefined();
    expect(await phone.restore()).toBeUndefined();
    await expect(phone.logIn({ email, password: newPassword })).rejects.toMatchObject({
      reason: "CREDENTIALS_WRONG",
    });
  });

  it("refuses an empty name, and an unknown language, by their reasons", async () => {
    const parley = open();
    const nameless = parley.signIn({ name: " ", language: "en" });
    await expect(nameless).rejects.toMatchObject({ name: "ParleyError", reason: "NAME_EMPTY" });
    const mute = parley.signIn({ name: "Ann", language: "?" });
    await expect(mute).rejects.toMatchObject({ reason: "LANGUAGE_UNKNOWN" });
  });

  it("says so when there is no server", async () => {
    const parley = createParley({ url: `http://127.0.0.1:${await freeTcpPort()}` });
    const signedIn = parley.signIn({ name: "Ann", language: "en" });
    await expect(signedIn).rejects.toMatchObject({ reason: "CONNECTION_LOST" });
  });
});

describe("following a room", () => {
  it("tells of the room whole, and then of each change", async () => {
    const ann = await signIn("Ann");
    const bob = await signIn("Bob", "es");
    const roomId = await newRoom(ann);
    const room = ann.room(roomId);
    const joined: string[] = [];
    room.on("joined", ({ member }) => joined.push(member.name));
    await eventually(() => expect(room.state?.room.memberCount).toBe(1));

    await bob.api.room.join.mutate({ roomId });
    await eventually(() => expect(room.state?.room.memberCount).toBe(2));
    expect(joined).toEqual(["Bob"]);
  });

  it("shares one subscription among its followers, until the last one closes", async () => {
    const ann = await signIn("Ann");
    const bob = await signIn("Bob");
    const roomId = await newRoom(ann);
    await bob.api.room.join.mutate({ roomId });
    const [first, second, watching] = [ann.room(roomId), ann.room(roomId), bob.room(roomId)];
    const seen: RoomState[] = [];
    first.on("state", (state) => seen.push(state));
    await eventually(() => expect(second.state?.room.presentCount).toBe(2));
    const annIsThere = () =>
      watching.state?.room.members.find(({ name }) => name === "Ann")?.present;

    first.close();
    first.close();
    const before = seen.length;
    await bob.api.room.leave.mutate({ roomId });
    await eventually(() => expect(second.state?.room.memberCount).toBe(1));
    expect(seen).toHaveLength(before);

    await bob.api.room.join.mutate({ roomId });
    watching.close();
    const again = bob.room(roomId);
    await eventually(() => expect(again.state?.room.presentCount).toBe(2));
    second.close();
    await eventually(() => expect(again.state?.room.presentCount).toBe(1));
    expect(annIsThere()).toBeDefined();
  });

  it("ends for somebody who is no member", async () => {
    const ann = await signIn("Ann");
    const bob = await signIn("Bob");
    const roomId = await newRoom(ann);
    const ended: string[] = [];
    bob.room(roomId).on("ended", ({ reason }) => ended.push(reason));
    ann.room(roomId).on("ended", ({ reason }) => ended.push(reason));
    await eventually(() => expect(ended).toEqual(["NOT_A_MEMBER"]));

    await ann.api.room.leave.mutate({ roomId });
    await eventually(() => expect(ended).toEqual(["NOT_A_MEMBER", "NOT_A_MEMBER"]));
  });
});

describe("chatting", () => {
  it("brings every message once, in order, across a cut of the network", async () => {
    const ann = await signIn("Ann");
    const { client: bob } = await server.signIn("Bob");
    const roomId = await newRoom(ann);
    await bob.room.join.mutate({ roomId });
    const states: string[] = [];
    ann.connection.on("state", (state) => states.push(state));
    const chat = ann.chat(roomId);
    const received: ChatMessage[] = [];
    chat.on("message", (message) => received.push(message));
    await eventually(() => expect(ann.connection.state).toBe("connected"));

    relay.cut();
    for (const text of ["one", "two", "three"]) {
      await bob.chat.send.mutate({ roomId, text, clientId: text });
    }
    await vi.waitFor(() => expect(states).toContain("reconnecting"), 10_000);
    relay.restore();

    await vi.waitFor(() => expect(received).toHaveLength(3), 8000);
    expect(received.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    expect(ann.connection.state).toBe("connected");
    const { items } = await chat.history();
    expect(items.map(({ text }) => text)).toEqual(["three", "two", "one"]);
    chat.close();
  });

  it("sends a message once, though the first answer to it was lost", async () => {
    const ann = await signIn("Ann");
    const chat = ann.chat(await newRoom(ann));
    await chat.history();
    const { fetch } = globalThis;
    const losing = vi.spyOn(globalThis, "fetch").mockImplementationOnce(async (...request) => {
      await fetch(...request);
      throw new TypeError("fetch failed");
    });
    try {
      const sent = await chat.send("hello", { clientId: "mine" });
      expect(sent).toMatchObject({ text: "hello", clientId: "mine" });
      expect(losing).toHaveBeenCalledTimes(2);
    } finally {
      losing.mockRestore();
    }
    const { items } = await chat.history();
    expect(items).toHaveLength(1);
  });

  it("does not try again what the server refuses", async () => {
    const ann = await signIn("Ann");
    const chat = ann.chat(await newRoom(ann));
    await expect(chat.send(" ")).rejects.toMatchObject({ reason: "MESSAGE_EMPTY" });
    await expect(chat.send("x".repeat(1_000_000))).rejects.toMatchObject({
      reason: "MESSAGE_TOO_LONG",
    });
    await expect(ann.chat("nowhere").history()).rejects.toMatchObject({
      reason: "ROOM_NOT_FOUND",
    });
  });
});

describe("calls outside of a browser", () => {
  it("are refused by a reason, and not joined", async () => {
    const ann = await signIn("Ann");
    const joining = ann.call.join(await newRoom(ann));
    await expect(joining).rejects.toMatchObject({ reason: "BROWSER_UNSUPPORTED" });
    const speaking = ann.call.join(await newRoom(ann), { microphone: true });
    await expect(speaking).rejects.toMatchObject({ reason: "BROWSER_UNSUPPORTED" });
  });
});

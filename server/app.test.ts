import { TRPCClientError } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RoomEvent } from "../shared/room.ts";
import { startTestServer, type TestServer } from "./testing/test-server.ts";
import { openTranslatingEngines } from "./testing/translating-engines.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ presenceGraceMs: 50 });
});
afterAll(() => server.close());

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "it worked",
    (error: unknown) =>
      error instanceof TRPCClientError ? (error.data as { reason?: string })?.reason : error,
  );

async function room() {
  const [ann, ben] = await Promise.all([server.signIn("Ann"), server.signIn("Ben", "es")]);
  const { id: roomId } = await ann.client.room.create.mutate({ name: "Kitchen" });
  await ben.client.room.join.mutate({ roomId });
  return { ann, ben, roomId };
}

describe("accounts", () => {
  it("need a name and a language, and are known by their token", async () => {
    const { client, account } = await server.signIn("  Ann\u202E  Lee ", "PT_br");
    expect(account).toMatchObject({ name: "Ann Lee", language: "pt-BR", guest: true });
    expect(await client.account.me.query()).toEqual(account);
    const changed = await client.account.setLanguage.mutate({ language: "fr" });
    expect(changed.language).toBe("fr");
  });

  it("are refused with a reason", async () => {
    const nobody = server.client();
    const guest = (name: string, language: string) =>
      reasonOf(nobody.account.guest.mutate({ name, language }));
    expect(await guest(" \u200B ", "en")).toBe("NAME_EMPTY");
    expect(await guest("Ann", "not a language")).toBe("LANGUAGE_UNKNOWN");
    expect(await guest("x".repeat(65), "en")).toBe("INPUT_INVALID");
    expect(await reasonOf(nobody.account.me.query())).toBe("NOT_SIGNED_IN");
    expect(await reasonOf(server.client("nonsense").account.me.query())).toBe("NOT_SIGNED_IN");
  });

  it("are signed in by cookie too, until they log out", async () => {
    const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${server.url}/trpc/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
    const answer = await post("account.guest", { name: "Ann", language: "en" });
    const [set = ""] = answer.headers.getSetCookie();
    expect(set).toMatch(/^parley_session=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/u);
    const cookie = set.split(";")[0] ?? "";
    const me = () => fetch(`${server.url}/trpc/account.me`, { headers: { cookie } });
    expect((await me()).status).toBe(200);
    const goodbye = await post("account.logout", undefined, { cookie });
    expect(goodbye.headers.getSetCookie()[0]).toContain("parley_session=; ");
    expect((await me()).status).toBe(401);
  });
});

describe("rooms", () => {
  it("tell everyone in them who comes, is there, and goes", async () => {
    const { ann, ben, roomId } = await room();
    const events: RoomEvent[] = [];
    const following = ann.client.room.onEvent.subscribe(
      { roomId },
      { onData: ({ data }) => events.push(data) },
    );
    await expect.poll(() => events.length).toBeGreaterThan(0);
    expect(events[0]).toMatchObject({
      type: "snapshot",
      room: { id: roomId, role: "owner", memberCount: 2 },
    });
    let ended = false;
    ben.client.room.onEvent.subscribe({ roomId }, { onComplete: () => (ended = true) });
    const accountId = ben.account.id;
    const present = (value: boolean) => ({ type: "present", accountId, present: value });
    await expect.poll(() => events).toContainEqual(present(true));
    const cleo = await server.signIn("Cleo");
    await cleo.client.room.join.mutate({ roomId });
    await expect
      .poll(() => events)
      .toContainEqual(expect.objectContaining({ type: "joined" }) as RoomEvent);
    await ben.client.room.leave.mutate({ roomId });
    await expect.poll(() => events).toContainEqual({ type: "left", accountId });
    await expect.poll(() => ended, { timeout: 1000 }).toBe(true);
    expect(await reasonOf(ben.client.chat.history.query({ roomId }))).toBe("NOT_A_MEMBER");
    following.unsubscribe();
  });

  it("show nothing of themselves to those who aren't members", async () => {
    const { roomId } = await room();
    const { client } = await server.signIn("Eve");
    expect(await reasonOf(client.room.get.query({ roomId }))).toBe("NOT_A_MEMBER");
    expect(await reasonOf(client.room.get.query({ roomId: "none" }))).toBe("ROOM_NOT_FOUND");
    const events = new Promise((_resolve, reject) => {
      client.room.onEvent.subscribe({ roomId }, { onError: reject });
    });
    const messages = new Promise((_resolve, reject) => {
      client.chat.onMessage.subscribe({ roomId }, { onError: reject });
    });
    expect(await reasonOf(events)).toBe("NOT_A_MEMBER");
    expect(await reasonOf(messages)).toBe("NOT_A_MEMBER");
    const { items } = await client.room.list.query({ limit: 100 });
    expect(items.map(({ id }) => id)).toContain(roomId);
  });

  it("are resumed without a second snapshot and without a gap", async () => {
    const { ann, ben, roomId } = await room();
    const events: { id: string; data: RoomEvent }[] = [];
    const subscribe = (lastEventId?: string) =>
      ann.client.room.onEvent.subscribe(
        { roomId, lastEventId },
        { onData: (event) => events.push(event) },
      );
    const first = subscribe();
    await expect.poll(() => events.length).toBeGreaterThan(0);
    const snapshot = events.splice(0).find(({ data }) => data.type === "snapshot");
    first.unsubscribe();
    await ben.client.room.leave.mutate({ roomId });
    subscribe(snapshot?.id);
    await expect
      .poll(() => events.map(({ data }) => data))
      .toContainEqual({ type: "left", accountId: ben.account.id });
    expect(events.map(({ data }) => data.type)).not.toContain("snapshot");
  });
});

describe("chat", () => {
  it("reaches those who follow it", async () => {
    const { ann, ben, roomId } = await room();
    const texts: string[] = [];
    let started = false;
    ann.client.chat.onMessage.subscribe(
      { roomId },
      { onStarted: () => (started = true), onData: ({ data }) => texts.push(data.text) },
    );
    await expect.poll(() => started).toBe(true);
    const sent = await ben.client.chat.send.mutate({ roomId, text: "hola", clientId: "1" });
    expect(sent).toMatchObject({ language: "es", author: { name: "Ben" } });
    await expect.poll(() => texts).toEqual(["hola"]);
  });

  it("is translated anew when the glossary of the room changes", async () => {
    const translating = await startTestServer({
      openEngines: openTranslatingEngines([["en", "es"]]),
    });
    try {
      const ann = await translating.signIn("Ann");
      const { id: roomId } = await ann.client.room.create.mutate({ name: "Kitchen" });
      await ann.client.chat.send.mutate({ roomId, text: "mind the sheet", clientId: "1" });
      const read = async () => {
        const { items } = await ann.client.chat.history.query({ roomId, read: "es" });
        return items.map(({ translation }) => translation);
      };
      expect(await read()).toMatchObject([{ text: "[es] mind the sheet" }]);
      const terms = [{ term: "sheet", translation: "escota" }];
      const glossary = [{ from: "en", to: "es", terms }];
      await ann.client.room.update.mutate({ roomId, settings: { glossary } });
      expect(await read()).toMatchObject([{ text: "[es] mind the escota" }]);
    } finally {
      await translating.close();
    }
  });

  it("refuses what is empty, too long or not text", async () => {
    const { ann, roomId } = await room();
    const send = (text: string) =>
      reasonOf(ann.client.chat.send.mutate({ roomId, text, clientId: "1" }));
    for (const nothing of [" \0 ", "\u200b\u2060", "\u3164\ufe0f", "\u202e \u2069"]) {
      expect(await send(nothing)).toBe("MESSAGE_EMPTY");
      const named = ann.client.room.create.mutate({ name: nothing });
      expect(await reasonOf(named)).toBe("NAME_EMPTY");
    }
    expect(await send("x".repeat(4001))).toBe("MESSAGE_TOO_LONG");
    expect(await send("x".repeat(1_000_000))).toBe("MESSAGE_TOO_LONG");
    expect(await send("x".repeat(2_000_000))).toBe("PAYLOAD_TOO_LARGE");
    expect(await send("x".repeat(4000))).toBe("it worked");
    const holed = { roomId, text: "h\0i", clientId: "2" };
    expect((await ann.client.chat.send.mutate(holed)).text).toBe("hi");
  });
});

describe("errors", () => {
  type Shape = { error: { message: string; data: Record<string, unknown> } };
  const get = async (path: string) => {
    const answer = await fetch(`${server.url}/trpc/${path}`);
    return { status: answer.status, ...((await answer.json()) as Shape) };
  };

  it("say what is wrong with which field, and never what was sent", async () => {
    const { ann } = await room();
    // What a program that knows no types may send.
    const wrong = { roomId: { secret: "hunter2" } } as unknown as { roomId: string };
    const error = await ann.client.room.get.query(wrong).catch((cause: unknown) => cause);
    expect(String(error)).toContain('"roomId"');
    expect(JSON.stringify(error)).not.toContain("hunter2");
    expect((await get("account.me?input=hunter2")).error.message).not.toContain("hunter2");
  });

  it("carry a stable reason, the right status and no trace", async () => {
    const missing = await get("no.such.procedure");
    expect(missing.status).toBe(404);
    expect(missing.error.data).toEqual({
      code: "NOT_FOUND",
      httpStatus: 404,
      path: "no.such.procedure",
      reason: "PROCEDURE_NOT_FOUND",
    });
    expect((await get("account.guest")).error.data["reason"]).toBe("METHOD_NOT_SUPPORTED");
    expect((await get("account.me")).status).toBe(401);
  });
});

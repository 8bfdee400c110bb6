import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startTestServer, type TestServer } from "../../server/testing/test-server.ts";
import { openTranslatingEngines } from "../../server/testing/translating-engines.ts";
import { TcpRelay } from "../testing/tcp-relay.ts";
import { type Chat, createParley, type Parley } from "./index.ts";
import { eventually } from "../../shared/testing/eventually.ts";

let server: TestServer;
let relay: TcpRelay;
const opened: { close(): unknown }[] = [];

beforeEach(async () => {
  server = await startTestServer({
    environment: { RATE_LIMIT_SCALE: "10" },
    openEngines: openTranslatingEngines([["en", "es"]]),
  });
  relay = await TcpRelay.open({ host: "127.0.0.1", port: Number(new URL(server.url).port) });
});

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
  await relay.close();
  await server.close();
});

/** Somebody new; with `relayed` their every connection goes through the relay. */
async function signIn(name: string, { language = "en", relayed = false } = {}): Promise<Parley> {
  const parley = createParley({ url: relayed ? `http://127.0.0.1:${relay.port}` : server.url });
  opened.push(parley);
  await parley.signIn({ name, language });
  return parley;
}

function openChat(parley: Parley, roomId: string, read?: string): Chat {
  const chat = parley.chat(roomId, { ...(read !== undefined && { read }) });
  opened.push(chat);
  return chat;
}

/** Ann's room, with Ben in it. */
async function setUp(options: { relayed?: boolean } = {}) {
  const ann = await signIn("Ann");
  const ben = await signIn("Ben", { language: "es", ...options });
  const { id: roomId } = await ann.api.room.create.mutate({ name: "Kitchen" });
  await ben.api.room.join.mutate({ roomId });
  return { ann, ben, roomId };
}

const texts = ({ state }: Chat) => state.messages.map(({ text }) => text);

describe("a chat", () => {
  it("shows what is written, changed and removed, to everyone alike", async () => {
    const { ann, ben, roomId } = await setUp();
    const [hers, his] = [openChat(ann, roomId), openChat(ben, roomId)];
    await eventually(() => expect(his.state.loaded).toBe(true));
    const first = await hers.send("one");
    const second = await his.send("two", { replyTo: first.id });
    await hers.edit(first.id, "ONE");
    await his.react(first.id, "👍", true);
    await his.remove(second.id);
    await hers.send("three");
    await eventually(() => {
      for (const chat of [hers, his]) {
        expect(texts(chat)).toEqual(["ONE", "", "three"]);
        expect(chat.state.messages[0]?.reactions).toMatchObject([{ emoji: "👍", count: 1 }]);
        expect(chat.state.outgoing).toEqual([]);
      }
    });
    expect(his.state.messages).toEqual(hers.state.messages);
  });

  it("goes back and forth through the past, around what was found", async () => {
    const { ann, ben, roomId } = await setUp();
    for (let count = 0; count < 100; count += 1) {
      const text = count === 50 ? "the needle" : `${count}`;
      await ben.api.chat.send.mutate({ roomId, text, clientId: `${count}` });
    }
    const chat = openChat(ann, roomId);
    await chat.loadOlder();
    expect(texts(chat)).toHaveLength(60);
    const found = await chat.search("needle");
    await chat.showAround(found.items[0]?.id ?? "");
    expect(chat.state).toMatchObject({ hasOlder: true, hasNewer: true });
    const sent = ben.api.chat.send.mutate({ roomId, text: "live", clientId: "live" });
    while (chat.state.hasNewer) await chat.loadNewer();
    while (chat.state.hasOlder) await chat.loadOlder();
    await sent;
    await eventually(() => expect(texts(chat)).toHaveLength(101));
    expect(texts(chat).filter((text) => text !== "the needle" && text !== "live")).toEqual(
      Array.from({ length: 100 }, (_, index) => `${index}`).filter((text) => text !== "50"),
    );
    await chat.showAround(found.items[0]?.id ?? "");
    await chat.showNewest();
    expect(texts(chat).at(-1)).toBe("live");
    expect(chat.state.hasNewer).toBe(false);
  });

  it("shows what is being sent, keeps what failed, and sends it again, once", async () => {
    const { ann, roomId } = await setUp();
    const chat = openChat(ann, roomId);
    await eventually(() => expect(chat.state.loaded).toBe(true));
    const sending = chat.send("x".repeat(5000), { clientId: "long" });
    expect(chat.state.outgoing).toMatchObject([{ clientId: "long", state: "sending" }]);
    await expect(sending).rejects.toMatchObject({ reason: "MESSAGE_TOO_LONG" });
    expect(chat.state.outgoing).toMatchObject([
      { state: "failed", error: { reason: "MESSAGE_TOO_LONG" } },
    ]);
    await chat.send("shorter", { clientId: "long" });
    expect(chat.state.outgoing).toEqual([]);
    expect(texts(chat)).toEqual(["shorter"]);
    await expect(chat.send(" ", { clientId: "empty" })).rejects.toBeDefined();
    chat.discard("empty");
    expect(chat.state.outgoing).toEqual([]);
  });

  it("misses nothing while the connection is gone", async () => {
    const { ann, ben, roomId } = await setUp({ relayed: true });
    const chat = openChat(ben, roomId);
    const { id: messageId } = await ann.api.chat.send.mutate({ roomId, text: "a", clientId: "a" });
    await eventually(() => expect(texts(chat)).toEqual(["a"]));
    relay.cut();
    await ann.api.chat.edit.mutate({ messageId, text: "A" });
    await ann.api.chat.send.mutate({ roomId, text: "b", clientId: "b" });
    relay.restore();
    await vi.waitFor(() => expect(texts(chat)).toEqual(["A", "b"]), { timeout: 10_000 });
  });

  it("tells how far others have read, and who types", async () => {
    const { ann, ben, roomId } = await setUp();
    const [hers, his] = [openChat(ann, roomId), openChat(ben, roomId)];
    const { id } = await hers.send("hello");
    await eventually(() => expect(texts(his)).toEqual(["hello"]));
    his.setTyping(true);
    his.setTyping(true);
    await his.markRead();
    const ben_id = ben.account?.id ?? "";
    await eventually(() => {
      expect(hers.state.typing).toEqual([ben_id]);
      expect(hers.state.reads).toEqual(new Map([[ben_id, id]]));
    });
    await his.send("hi");
    await eventually(() => expect(hers.state.typing).toEqual([]));
  });

  it("adds translations, of what was said before and of what comes", async () => {
    const { ann, ben, roomId } = await setUp();
    await ann.api.chat.send.mutate({ roomId, text: "before", clientId: "1" });
    await ben.api.chat.send.mutate({ roomId, text: "hola", clientId: "2" });
    const chat = openChat(ben, roomId, "es");
    const translated = () =>
      chat.state.messages.map(({ translation }) =>
        translation?.state === "done" ? translation.text : translation?.state,
      );
    await eventually(() => expect(translated()).toEqual([expect.any(String), undefined]));
    const before = translated()[0];
    const { id: messageId } = await ann.api.chat.send.mutate({ roomId, text: "x", clientId: "3" });
    await eventually(() => expect(translated()).toHaveLength(3));
    await eventually(() => expect(translated()[2]).toEqual(expect.any(String)));
    await ann.api.chat.edit.mutate({ messageId, text: "another" });
    await eventually(() => expect(translated()[2]).toContain("another"));
    chat.setRead(undefined);
    expect(translated()).toEqual([undefined, undefined, undefined]);
    chat.setRead("de");
    await eventually(() =>
      expect(chat.state.messages[0]?.translation).toMatchObject({
        reason: "LANGUAGE_PAIR_UNAVAILABLE",
      }),
    );
    chat.setRead("es");
    await eventually(() => expect(translated()[0]).toBe(before));
    // A page that was asked for in the language from before is on its way.
    const showing = chat.showAround(messageId);
    await Promise.resolve();
    chat.setRead(undefined);
    await showing;
    expect(translated()).toEqual([undefined, undefined, undefined]);
  });

  it("ends for somebody who is no member any more", async () => {
    const { ben, roomId } = await setUp();
    const chat = openChat(ben, roomId);
    const ended: string[] = [];
    chat.on("ended", ({ reason }) => ended.push(reason));
    await eventually(() => expect(chat.state.loaded).toBe(true));
    await ben.api.room.leave.mutate({ roomId });
    await eventually(() => expect(ended).toEqual(["NOT_A_MEMBER"]));
  });
});

import { describe, expect, it } from "vitest";
import { type ChatMessage } from "../../../../shared/chat.ts";
import { type ChatAction, emptyChatList, reduceChat } from "./chat-list.ts";

const message = (id: string, minute: number): ChatMessage => ({
  id,
  roomId: "room",
  author: { accountId: "a", name: "Ana" },
  text: `message ${id}`,
  language: "en",
  clientId: `client ${id}`,
  sentAt: `2026-01-01T10:0${minute}:00.000Z`,
  version: id,
  edition: 0,
  attachments: [],
  reactions: [],
});

const after = (...actions: ChatAction[]) => actions.reduce(reduceChat, emptyChatList);

describe("the list of messages", () => {
  it("orders pages of history and live messages by time, each once", () => {
    const list = after(
      { type: "stored", messages: [message("3", 3)] },
      { type: "stored", messages: [message("3", 3), message("2", 2), message("1", 1)] },
      { type: "stored", messages: [message("4", 4)] },
    );
    expect(list.messages.map(({ id }) => id)).toEqual(["1", "2", "3", "4"]);
  });

  it("shows what is being sent until it is stored", () => {
    const sending = after({ type: "sending", clientId: "client 1", text: "message 1" });
    expect(sending.outgoing).toMatchObject([{ text: "message 1", state: "sending" }]);
    const sent = reduceChat(sending, { type: "stored", messages: [message("1", 1)] });
    expect(sent).toMatchObject({ outgoing: [], messages: [{ id: "1" }] });
  });

  it("keeps what could not be sent, and sends it again", () => {
    const failed = after(
      { type: "sending", clientId: "x", text: "hello" },
      { type: "failed", clientId: "x" },
    );
    expect(failed.outgoing).toEqual([{ clientId: "x", text: "hello", state: "failed" }]);
    const again = reduceChat(failed, { type: "sending", clientId: "x", text: "hello" });
    expect(again.outgoing).toEqual([{ clientId: "x", text: "hello", state: "sending" }]);
  });
});

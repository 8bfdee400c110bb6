import { describe, expect, it } from "vitest";
import type { ChatHistory, HistoryMessage } from "../../shared/chat.ts";
import {
  type ChatState,
  emptyChatState,
  untranslated,
  withEvent,
  withMessage,
  withNewer,
  withOlder,
  withOutgoing,
  withPage,
  withTranslation,
} from "./chat-state.ts";

const message = (id: string, changes: Partial<HistoryMessage> = {}): HistoryMessage => ({
  id,
  roomId: "room",
  author: { accountId: "a", name: "Ana" },
  text: `message ${id}`,
  language: "en",
  clientId: `client ${id}`,
  sentAt: "2026-01-01T10:00:00.000Z",
  version: id,
  edition: 0,
  attachments: [],
  reactions: [],
  ...changes,
});

const page = (ids: string[], cursors: Partial<ChatHistory> = {}): ChatHistory => ({
  items: ids.map((id) => message(id)),
  position: "0",
  ...cursors,
});

const ids = ({ messages }: ChatState) => messages.map(({ id }) => id);
const texts = ({ messages }: ChatState) => messages.map(({ text }) => text);

describe("the state of a chat", () => {
  const middle = withPage(
    emptyChatState,
    page(["6", "5", "4"], { olderCursor: "o", newerCursor: "n" }),
  );

  it("puts pages and live messages in order, each once", () => {
    let state = withPage(emptyChatState, page(["5", "4"], { olderCursor: "x" }));
    state = withMessage(state, message("7"));
    state = withMessage(state, message("6"));
    state = withMessage(state, message("6"));
    state = withOlder(state, page(["4", "3", "2"]));
    expect(ids(state)).toEqual(["2", "3", "4", "5", "6", "7"]);
    expect(state).toMatchObject({ hasOlder: false, hasNewer: false, loaded: true });
  });

  it("shows what follows without a gap, and nothing else", () => {
    let state = withMessage(middle, message("9"));
    state = withMessage(state, message("1", { version: "9a" }));
    expect(ids(state)).toEqual(["4", "5", "6"]);
    state = withNewer(state, page(["8", "7"], { newerCursor: "n" }));
    expect(ids(withMessage(state, message("9")))).toEqual(["4", "5", "6", "7", "8"]);
    state = withNewer(state, page(["9"]));
    expect(ids(withMessage(state, message("a")))).toEqual(["4", "5", "6", "7", "8", "9", "a"]);
  });

  it("keeps the newest state of a message, whichever comes first", () => {
    const newer = message("5", { text: "edited", edition: 1, version: "8" });
    const older = message("5", { text: "reacted", version: "7" });
    const state = withMessage(withMessage(middle, newer), older);
    expect(texts(state)).toEqual(["message 4", "edited", "message 6"]);
  });

  it("quotes what is answered as it is now", () => {
    const replyTo = {
      id: "5",
      author: { accountId: "a", name: "Ana" },
      text: "message 5",
      removed: false,
    };
    let state = withMessage(middle, message("6", { replyTo, version: "6a" }));
    state = withMessage(state, message("5", { text: "", removedAt: "now", version: "7" }));
    expect(state.messages[2]?.replyTo).toMatchObject({ text: "", removed: true });
  });

  it("shows what is being sent until it has arrived", () => {
    const outgoing = {
      clientId: "client 7",
      text: "hi",
      attachments: [],
      state: "sending",
    } as const;
    const sending = withOutgoing(middle, outgoing);
    const failed = withOutgoing(sending, { ...outgoing, state: "failed" });
    expect(failed.outgoing).toEqual([{ ...outgoing, state: "failed" }]);
    expect(withMessage(failed, message("7")).outgoing).toEqual([]);
    expect(withPage(failed, page(["7"])).outgoing).toEqual([]);
  });

  it("keeps how far somebody has read, also when an older mark is told last", () => {
    const read = (messageId: string) => ({ type: "read", accountId: "a", messageId }) as const;
    const reads = [{ accountId: "a", messageId: "5" }];
    let state = withEvent(middle, { type: "snapshot", reads, typing: [] });
    for (const messageId of ["4", "6", "5"]) state = withEvent(state, read(messageId));
    expect(state.reads.get("a")).toBe("6");
  });

  it("keeps translations of the text that is there", () => {
    const translation = { language: "es", edition: 0, state: "done", text: "cinco" } as const;
    let state = withTranslation(middle, { ...translation, messageId: "5" });
    expect(untranslated(state, "es")).toEqual(["4", "6"]);
    expect(untranslated(state, "de")).toEqual(["4", "5", "6"]);
    expect(untranslated(state, "en-GB")).toEqual([]);
    state = withTranslation(state, {
      language: "es",
      edition: 0,
      state: "pending",
      messageId: "5",
    });
    state = withMessage(state, message("5", { version: "7" }));
    expect(state.messages[1]?.translation).toEqual(translation);
    state = withMessage(state, message("5", { version: "8", edition: 1 }));
    expect(state.messages[1]).not.toHaveProperty("translation");
    state = withTranslation(state, { ...translation, messageId: "5" });
    expect(state.messages[1]).not.toHaveProperty("translation");
  });
});

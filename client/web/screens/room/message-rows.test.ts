import { describe, expect, it } from "vitest";
import type { HistoryMessage } from "../../../../shared/chat.ts";
import { messageRows } from "./message-rows.ts";

const message = (id: string, sentAt: string, accountId = "ana"): HistoryMessage => ({
  id,
  roomId: "room",
  author: { accountId, name: accountId },
  text: `message ${id}`,
  language: "en",
  clientId: `client ${id}`,
  sentAt,
  version: id,
  edition: 0,
  attachments: [],
  reactions: [],
});

const at = (minute: number, day = 1) => new Date(2026, 0, day, 10, minute).toISOString();

type Extra = { reads?: ReadonlyMap<string, string>; newAfter?: string };
const rowsOf = (messages: HistoryMessage[], { reads = new Map(), newAfter }: Extra = {}) =>
  messageRows({ messages, reads, newAfter, ownAccountId: "me" });
const kinds = (...input: Parameters<typeof rowsOf>) => rowsOf(...input).map(({ kind }) => kind);

describe("the rows of a chat", () => {
  it("begin each day with its date", () => {
    const messages = [message("1", at(1)), message("2", at(2)), message("3", at(1, 2))];
    expect(kinds(messages)).toEqual(["day", "message", "message", "day", "message"]);
  });

  it("name somebody once who writes several messages, but again after a while", () => {
    const rows = rowsOf([
      message("1", at(1)),
      message("2", at(2)),
      message("3", at(3), "ben"),
      message("4", at(4)),
      message("5", at(20)),
    ]);
    const continued = rows.flatMap((row) => (row.kind === "message" ? row.isContinued : []));
    expect(continued).toEqual([false, true, false, false, false]);
  });

  it("say where what is new begins, if that is on the list", () => {
    const messages = [message("2", at(1)), message("3", at(2)), message("4", at(3))];
    expect(kinds(messages, { newAfter: "2" })).toEqual([
      "day",
      "message",
      "new",
      "message",
      "message",
    ]);
    expect(kinds(messages, { newAfter: "1" })).not.toContain("new");
    expect(kinds(messages, { newAfter: "4" })).not.toContain("new");
    const [, , , first] = rowsOf(messages, { newAfter: "2" });
    expect(first).toMatchObject({ isContinued: false });
  });

  it("show readers at the last message that they have read, on the list", () => {
    const messages = [message("2", at(1)), message("4", at(2)), message("6", at(3), "me")];
    const reads = new Map([
      ["ben", "5"],
      ["cem", "6"],
      ["dea", "1"],
      ["me", "6"],
      ["ana", "4"],
    ]);
    const rows = rowsOf(messages, { reads });
    const seen = rows.flatMap((row) => (row.kind === "message" ? [row.seenBy] : []));
    // Nobody needs to be told that Ana has read what she wrote, nor what oneself has read.
    expect(seen).toEqual([[], ["ben"], ["cem"]]);
  });
});

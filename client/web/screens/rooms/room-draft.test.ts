import { describe, expect, it } from "vitest";
import {
  roomCreateInputSchema,
  type RoomDetail,
  roomUpdateInputSchema,
} from "../../../../shared/room.ts";
import {
  emptyRoomDraft,
  isGlossaryComplete,
  newPair,
  newTerm,
  roomDraft,
  toCreateInput,
  toUpdateInput,
} from "./room-draft.ts";

const room: RoomDetail = {
  id: "kitchen",
  name: "Kitchen",
  description: "",
  visibility: "public",
  hasPassword: true,
  locked: false,
  lobby: false,
  languages: ["en"],
  capacity: 8,
  place: { latitude: 1, longitude: 2 },
  createdAt: "2026-01-01T00:00:00.000Z",
  memberCount: 1,
  presentCount: 1,
  ownAccountId: "ann",
  role: "owner",
  members: [],
  settings: {
    languages: ["en"],
    glossary: [{ from: "en", to: "es", terms: [{ term: "mole", translation: "mole" }] }],
    keepHistory: true,
    keepCaptions: true,
    speak: "member",
  },
};
const pair = (from: string | null, to: string | null, ...terms: [string, string][]) => ({
  ...newPair(),
  from,
  to,
  terms: terms.map(([term, translation]) => ({ key: newTerm().key, term, translation })),
});

describe("a new room", () => {
  it("needs no more than a name", () => {
    const input = toCreateInput({ ...emptyRoomDraft, name: "Kitchen" });
    expect(roomCreateInputSchema.parse(input)).toMatchObject({
      name: "Kitchen",
      visibility: "public",
      settings: { keepHistory: true, keepCaptions: true, speak: "member" },
    });
    expect(input).not.toHaveProperty("password");
    expect(input).not.toHaveProperty("capacity");
  });

  it("is as private as was said", () => {
    const input = toCreateInput({ ...emptyRoomDraft, isPrivate: true, password: "open" });
    expect(input).toMatchObject({ visibility: "private", password: "open" });
  });
});

describe("changed settings", () => {
  const before = roomDraft(room);

  it("are nothing when nothing was changed", () => {
    expect(toUpdateInput("kitchen", before, before)).toEqual({ roomId: "kitchen" });
  });

  it("are those alone that were changed", () => {
    const after = { ...before, isPrivate: true, lobby: true, keepCaptions: false };
    expect(toUpdateInput("kitchen", before, after)).toEqual({
      roomId: "kitchen",
      visibility: "private",
      lobby: true,
      settings: { keepCaptions: false },
    });
  });

  it("take away what was emptied", () => {
    const after = { ...before, capacity: undefined, place: undefined, password: null };
    const input = toUpdateInput("kitchen", before, after);
    expect(input).toEqual({ roomId: "kitchen", capacity: null, place: null, password: null });
    expect(roomUpdateInputSchema.parse(input)).toEqual(input);
  });

  it("leave the password when its field was opened and left empty", () => {
    expect(toUpdateInput("kitchen", before, { ...before, password: "" })).toEqual({
      roomId: "kitchen",
    });
  });
});

describe("a glossary", () => {
  it("is sent without empty lines", () => {
    const glossary = [pair("en", "es", ["mole", "mole"], ["", " "]), pair(null, null)];
    const input = toCreateInput({ ...emptyRoomDraft, name: "Kitchen", glossary });
    expect(input.settings?.glossary).toEqual([
      { from: "en", to: "es", terms: [{ term: "mole", translation: "mole" }] },
    ]);
  });

  it("is complete when pairs with terms are pairs, and come once", () => {
    expect(isGlossaryComplete([pair("en", "es", ["a", "b"]), pair(null, null)])).toBe(true);
    expect(isGlossaryComplete([pair("en", "es", ["a", "b"], ["half", " "])])).toBe(false);
    expect(isGlossaryComplete([pair("en", "es", ["", "half"])])).toBe(false);
    expect(isGlossaryComplete([pair("en", "en", ["a", "b"])])).toBe(false);
    expect(isGlossaryComplete([pair("en", null, ["a", "b"])])).toBe(false);
    const twice = [pair("en", "es", ["a", "b"]), pair("en", "es", ["c", "d"])];
    expect(isGlossaryComplete(twice)).toBe(false);
  });
});

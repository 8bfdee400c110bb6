import type { z } from "zod";
import {
  type Glossary,
  type Place,
  ROOM_LIMITS,
  type roomCreateInputSchema,
  type RoomDetail,
  type roomUpdateInputSchema,
} from "../../../../shared/room.ts";

export type GlossaryTerm = { key: number; term: string; translation: string };
export type GlossaryPair = {
  /** Of this draft alone: terms and pairs are told apart by it while they are typed. */
  key: number;
  from: string | null;
  to: string | null;
  terms: GlossaryTerm[];
};

/** A room's settings while somebody types them. */
export type RoomDraft = {
  name: string;
  description: string;
  isPrivate: boolean;
  /** `undefined`: as it is. `null`: none. */
  password: string | null | undefined;
  languages: string[];
  capacity: number | undefined;
  place: Place | undefined;
  locked: boolean;
  lobby: boolean;
  speak: "member" | "moderator" | "owner";
  keepHistory: boolean;
  keepCaptions: boolean;
  glossary: GlossaryPair[];
};

export type RoomCreateInput = z.input<typeof roomCreateInputSchema>;
export type RoomUpdateInput = z.input<typeof roomUpdateInputSchema>;

export const emptyRoomDraft: RoomDraft = {
  name: "",
  description: "",
  isPrivate: false,
  password: undefined,
  languages: [],
  capacity: undefined,
  place: undefined,
  locked: false,
  lobby: false,
  speak: "member",
  keepHistory: true,
  keepCaptions: true,
  glossary: [],
};

let lastKey = 0;
const newKey = () => (lastKey += 1);
export const newTerm = (): GlossaryTerm => ({ key: newKey(), term: "", translation: "" });
export const newPair = (): GlossaryPair => ({
  key: newKey(),
  from: null,
  to: null,
  terms: [newTerm()],
});

/** A room's settings as they are, to be changed. */
export function roomDraft(room: RoomDetail): RoomDraft {
  const { name, description, languages, capacity, place, locked, lobby, settings } = room;
  const { speak, keepHistory, keepCaptions } = settings;
  return {
    name,
    description,
    languages,
    capacity,
    place,
    locked,
    lobby,
    speak,
    keepHistory,
    keepCaptions,
    isPrivate: room.visibility === "private",
    password: undefined,
    glossary: settings.glossary.map(({ from, to, terms }) => ({
      key: newKey(),
      from,
      to,
      terms: terms.map(({ term, translation }) => ({ key: newKey(), term, translation })),
    })),
  };
}

export function toCreateInput(draft: RoomDraft): RoomCreateInput {
  const { name, description, languages, capacity, place, locked, lobby } = draft;
  const { speak, keepHistory, keepCaptions } = draft;
  return {
    name,
    description,
    locked,
    lobby,
    visibility: draft.isPrivate ? "private" : "public",
    ...(draft.password && { password: draft.password }),
    ...(place && { place }),
    ...(capacity !== undefined && { capacity }),
    settings: { languages, speak, keepHistory, keepCaptions, glossary: toGlossary(draft.glossary) },
  };
}

/** Only what is another than it was: what others change meanwhile stays theirs. */
export function toUpdateInput(
  roomId: string,
  before: RoomDraft,
  after: RoomDraft,
): RoomUpdateInput {
  const is = (key: keyof RoomDraft) => JSON.stringify(before[key]) !== JSON.stringify(after[key]);
  const settings = {
    ...(is("languages") && { languages: after.languages }),
    ...(is("speak") && { speak: after.speak }),
    ...(is("keepHistory") && { keepHistory: after.keepHistory }),
    ...(is("keepCaptions") && { keepCaptions: after.keepCaptions }),
    ...(is("glossary") && { glossary: toGlossary(after.glossary) }),
  };
  const visibility = after.isPrivate ? "private" : "public";
  return {
    roomId,
    ...(is("name") && { name: after.name }),
    ...(is("description") && { description: after.description }),
    ...(is("isPrivate") && { visibility }),
    // A field that was opened and left empty changes nothing.
    ...(after.password !== undefined && after.password !== "" && { password: after.password }),
    ...(is("capacity") && { capacity: after.capacity ?? null }),
    ...(is("place") && { place: after.place ?? null }),
    ...(is("locked") && { locked: after.locked }),
    ...(is("lobby") && { lobby: after.lobby }),
    ...(Object.keys(settings).length > 0 && { settings }),
  };
}

/** Whether each term that was begun has its translation, and belongs to a pair that comes once. */
export function isGlossaryComplete(pairs: readonly GlossaryPair[]): boolean {
  if (pairs.some(({ terms }) => terms.some((term) => isBegun(term) && !isComplete(term)))) {
    return false;
  }
  const used = pairs.filter(hasTerms);
  const names = new Set(used.map(({ from, to }) => `${from} ${to}`));
  return (
    names.size === used.length &&
    used.every(({ from, to }) => from !== null && to !== null && from !== to)
  );
}

export function countTerms(pairs: readonly GlossaryPair[]): number {
  return pairs.reduce((count, { terms }) => count + terms.length, 0);
}

export const glossaryRoom = (pairs: readonly GlossaryPair[]) => ({
  forTerm: countTerms(pairs) < ROOM_LIMITS.glossaryTerms,
  forPair:
    pairs.length < ROOM_LIMITS.glossaryPairs && countTerms(pairs) < ROOM_LIMITS.glossaryTerms,
});

/** What is left of it when empty lines are left out. */
function toGlossary(pairs: readonly GlossaryPair[]): Glossary {
  return pairs.filter(hasTerms).flatMap(({ from, to, terms }) => {
    if (from === null || to === null) return [];
    const complete = terms.filter(isComplete);
    return [{ from, to, terms: complete.map(({ term, translation }) => ({ term, translation })) }];
  });
}

function hasTerms({ terms }: GlossaryPair): boolean {
  return terms.some(isComplete);
}

function isBegun({ term, translation }: GlossaryTerm): boolean {
  return term.trim() !== "" || translation.trim() !== "";
}

function isComplete({ term, translation }: GlossaryTerm): boolean {
  return term.trim() !== "" && translation.trim() !== "";
}

import { describe, expect, it } from "vitest";
import type { CaptionEvent } from "../../../../shared/call.ts";
import type { Caption } from "../../../../shared/caption.ts";
import {
  CAPTION_LIMIT,
  type CaptionRow,
  emptyCaptionList,
  reduceCaptions,
  translationFor,
  type UtteranceRow,
  withKept,
} from "./caption-list.ts";

const ana = { accountId: "a", name: "Ana" };
const ben = { accountId: "b", name: "Ben" };
const startedAt = "2026-01-01T10:00:00.000Z";
const endedAt = "2026-01-01T10:00:02.000Z";

const partial = (utteranceId: string, stable: string, unstable = "", speaker = ana) =>
  ({ type: "partial", utteranceId, speaker, language: "en", startedAt, stable, unstable }) as const;
const final = (utteranceId: string, text: string, cut = false) =>
  ({
    type: "final",
    utteranceId,
    speaker: ana,
    language: "en",
    startedAt,
    endedAt,
    text,
    cut,
  }) as const;
const translation = (utteranceId: string, text: string, isFinal = false) =>
  ({
    type: "translation",
    utteranceId,
    speaker: ana,
    language: "es",
    text,
    final: isFinal,
  }) as const;
const notice = (language = "es", speaker = ana) =>
  ({ type: "notice", speaker, language, notice: "translation-failed" }) as const;

const after = (...events: CaptionEvent[]) => events.reduce(reduceCaptions, emptyCaptionList);
const isUtterance = (row: CaptionRow): row is UtteranceRow => row.kind === "utterance";

describe("the list of captions", () => {
  it("shows the newest partial of an utterance, then its final, in one row", () => {
    const speaking = after(partial("1", "good", "morn"), partial("1", "good morning", "to"));
    expect(speaking.rows).toMatchObject([
      { stable: "good morning", unstable: "to", final: false, language: "en" },
    ]);
    const said = reduceCaptions(speaking, final("1", "Good morning to you."));
    expect(said.rows).toMatchObject([
      { stable: "Good morning to you.", unstable: "", final: true },
    ]);
  });

  it("doesn't let a late partial undo a final", () => {
    const said = after(final("1", "Yes."));
    expect(reduceCaptions(said, partial("1", "yeah"))).toBe(said);
  });

  it("marks an utterance that was cut short", () => {
    expect(after(final("1", "And then", true)).rows).toMatchObject([{ cut: true }]);
  });

  it("puts a translation beside its original, whichever comes first", () => {
    const expected = [
      { stable: "Good morning.", final: true, translation: { text: "Buenos días.", final: true } },
    ];
    const before = after(translation("1", "Buenos días.", true), final("1", "Good morning."));
    const behind = after(final("1", "Good morning."), translation("1", "Buenos días.", true));
    expect(before.rows).toMatchObject(expected);
    expect(behind.rows).toMatchObject(expected);
  });

  it("shows a translation alone to a reader who came in the middle", () => {
    expect(after(translation("1", "hola")).rows).toMatchObject([
      { stable: "", speaker: ana, translation: { text: "hola" } },
    ]);
  });

  it("keeps people who speak at once apart, in the order in which they began", () => {
    const list = after(
      partial("1", "one"),
      partial("2", "two", "", ben),
      partial("1", "one and"),
      partial("2", "two and", "", ben),
    );
    expect(list.rows).toMatchObject([
      { speaker: ana, stable: "one and" },
      { speaker: ben, stable: "two and" },
    ]);
  });

  it("takes an utterance back of which nothing could be made out, for good", () => {
    const list = after(partial("1", "hm"), partial("2", "two"), final("1", ""));
    expect(list.rows).toMatchObject([{ utteranceId: "2" }]);
    expect(reduceCaptions(list, translation("1", "mm"))).toBe(list);
  });

  it("changes only the row that an event belongs to", () => {
    const before = after(final("1", "one"), notice(), partial("2", "two"));
    const behind = reduceCaptions(before, partial("2", "two and", "thr"));
    expect(behind.rows[0]).toBe(before.rows[0]);
    expect(behind.rows[1]).toBe(before.rows[1]);
    expect(behind.rows[2]).not.toBe(before.rows[2]);
  });

  it("has nothing to show of a voice that begins", () => {
    const list = after(final("1", "one"));
    const event = { type: "voice", utteranceId: "1", speaker: ana, language: "es" } as const;
    expect(reduceCaptions(list, { ...event, lagMs: 900, rate: 1 })).toBe(list);
  });

  it("gives a notice in place, and not again while it is in sight", () => {
    const once = after(final("1", "one"), notice());
    expect(once.rows.map(({ kind }) => kind)).toEqual(["utterance", "notice"]);
    expect(reduceCaptions(once, notice())).toBe(once);
    expect(reduceCaptions(once, notice("fr")).rows).toHaveLength(3);
    expect(reduceCaptions(once, notice("es", ben)).rows).toHaveLength(3);
    const later = Array.from({ length: 20 }, (_, index) => final(`later ${index}`, "and"));
    expect(after(notice(), ...later, notice()).rows.at(-1)).toMatchObject({ kind: "notice" });
  });

  it("gives every row a key of its own", () => {
    const keys = after(notice("es"), notice("fr"), final("1", "one")).rows.map(({ key }) => key);
    expect(new Set(keys).size).toBe(3);
  });

  it("keeps the newest rows of a long conversation", () => {
    const many = Array.from({ length: CAPTION_LIMIT + 7 }, (_, index) => final(`${index}`, "and"));
    const utterances = after(...many).rows.filter(isUtterance);
    expect(utterances).toHaveLength(CAPTION_LIMIT);
    expect(utterances[0]?.utteranceId).toBe("7");
  });
});

const kept = (id: string, minute: number, part: Partial<Caption> = {}): Caption => ({
  id,
  roomId: "room",
  speaker: ana,
  language: "en",
  text: `said ${id}`,
  startedAt: `2026-01-01T09:${String(minute).padStart(2, "0")}:00.000Z`,
  endedAt: `2026-01-01T09:${String(minute).padStart(2, "0")}:02.000Z`,
  cut: false,
  edition: 0,
  translations: [],
  ...part,
});
const ids = ({ rows }: { rows: readonly CaptionRow[] }) =>
  rows.filter(isUtterance).map(({ utteranceId }) => utteranceId);
const correction = (utteranceId: string, text: string, edition: number) =>
  ({
    type: "correction",
    utteranceId,
    speaker: ana,
    language: "en",
    text,
    edition,
    correctedBy: ben,
    correctedAt: endedAt,
  }) as const;

describe("captions that were kept", () => {
  it("come before what is live, each once, whichever way they come", () => {
    const live = after(final("5", "five"), partial("6", "six"));
    const newest = withKept(live, [kept("5", 5, { startedAt }), kept("4", 4), kept("3", 3)]);
    expect(ids(newest)).toEqual(["3", "4", "5", "6"]);
    const older = withKept(newest, [kept("3", 3), kept("2", 2), kept("1", 1)]);
    expect(ids(older)).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("fill the gap where the connection was lost", () => {
    const before = withKept(emptyCaptionList, [kept("1", 1)]);
    const list = reduceCaptions(before, final("4", "four"));
    expect(ids(withKept(list, [kept("3", 3), kept("2", 2), kept("1", 1)]))).toEqual([
      "1",
      "2",
      "3",
      "4",
    ]);
  });

  it("stay removed", () => {
    const list = reduceCaptions(withKept(emptyCaptionList, [kept("1", 1)]), {
      type: "removal",
      utteranceId: "1",
      speaker: ana,
    });
    expect(ids(withKept(list, [kept("1", 1)]))).toEqual([]);
  });

  it("aren't dropped when more is said, and the list says when others are", () => {
    const pages = Array.from({ length: 40 }, (_, index) => kept(`kept ${index}`, index));
    const many = Array.from({ length: CAPTION_LIMIT }, (_, index) => final(`${index}`, "and"));
    const full = many.reduce(reduceCaptions, withKept(emptyCaptionList, pages));
    expect(full.rows).toHaveLength(CAPTION_LIMIT + 40);
    expect(full.isTrimmed).toBe(false);
    expect(reduceCaptions(full, final("one more", "and")).isTrimmed).toBe(true);
  });

  it("are read in whichever language they were translated to", () => {
    const outdated = false;
    const translations = [{ language: "fr", text: "dit", outdated }];
    const row = withKept(emptyCaptionList, [kept("1", 1, { translations })]).rows.find(isUtterance);
    expect(row && translationFor(row, "fr")).toMatchObject({ text: "dit", final: true });
    expect(row && translationFor(row, "de")).toBeUndefined();
  });
});

describe("a correction", () => {
  it("takes the place of what was recognised, with who made it", () => {
    const list = after(final("1", "one"), correction("1", "won", 1));
    expect(list.rows).toMatchObject([{ stable: "won", correctedBy: ben, edition: 1 }]);
  });

  it("isn't undone by an older one, or by a translation of the text before", () => {
    const list = after(final("1", "one"), correction("1", "won", 2));
    expect(reduceCaptions(list, correction("1", "wan", 1)).rows).toEqual(list.rows);
    expect(reduceCaptions(list, translation("1", "uno", true)).rows).toEqual(list.rows);
    const late = withKept(list, [kept("1", 1, { text: "one" })]);
    expect(late.rows).toMatchObject([{ stable: "won" }]);
  });
});

import { describe, expect, it } from "vitest";
import { type CaptionEvent } from "../../../../shared/call.ts";
import {
  CAPTION_LIMIT,
  type CaptionRow,
  emptyCaptionList,
  reduceCaptions,
  type UtteranceRow,
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

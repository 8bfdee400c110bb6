import { describe, expect, it } from "vitest";
import type { Caption, CaptionSelection } from "../../../shared/caption.ts";
import { exportCaptions } from "./export-captions.ts";

const start = Date.UTC(2026, 0, 1, 12);
const at = (ms: number) => new Date(start + ms).toISOString();

function caption(change: Partial<Caption> & { from?: number; until?: number } = {}): Caption {
  const { from = 0, until = from + 1500, ...rest } = change;
  return {
    id: `caption ${from}`,
    roomId: "kitchen",
    speaker: { accountId: "ann", name: "Ann" },
    language: "en",
    text: "good morning",
    startedAt: at(from),
    endedAt: at(until),
    cut: false,
    edition: 0,
    translations: [],
    ...rest,
  };
}

const translated = (language: string, text: string, outdated = false) => ({
  language,
  text,
  outdated,
});

async function write(
  captions: Caption[],
  selection: Partial<CaptionSelection> & Pick<CaptionSelection, "format">,
): Promise<string> {
  let text = "";
  const languages = captions.flatMap(({ translations }) =>
    translations.map(({ language }) => language),
  );
  const parts = exportCaptions({
    roomId: "kitchen",
    selection: { content: "original", ...selection },
    pages: pages(captions),
    languages: Array.from(new Set(languages)),
  });
  for await (const part of parts) text += part;
  return text;
}

async function* pages(captions: Caption[]): AsyncGenerator<Caption[]> {
  for (const one of captions) yield Promise.resolve([one]);
}

/** RFC 4180, and nothing else. */
function parseCsv(text: string): string[][] {
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/uy;
  const rows: string[][] = [[]];
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (!found) throw new Error("this is no CSV");
    const [, value = "", end] = found;
    rows.at(-1)?.push(value.replaceAll(/^"|"$/gu, "").replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

const english = caption({
  translations: [translated("es", "buenos días"), translated("fr", "bonjour")],
});
const spanish = caption({
  from: 3_723_004,
  language: "es",
  text: "hola",
  translations: [translated("fr", "salut")],
});

describe("a transcript", () => {
  it("has what was said", async () => {
    expect(await write([english, spanish], { format: "srt" })).toBe(
      "1\n00:00:00,000 --> 00:00:01,500\nAnn: good morning\n\n" +
        "2\n01:02:03,004 --> 01:02:04,504\nAnn: hola\n\n",
    );
  });

  it("in one language has the original where there is nothing else, and says so", async () => {
    const text = await write([english, spanish, caption({ from: 10 })], {
      format: "txt",
      content: "language",
      language: "es-MX",
    });
    expect(text).toBe(
      "[2026-01-01 12:00:00] Ann: buenos días\n" +
        "[2026-01-01 13:02:03] Ann: hola\n" +
        "[2026-01-01 12:00:00] Ann: [en] good morning\n",
    );
  });

  it("has all languages side by side", async () => {
    expect(await write([english], { format: "vtt", content: "aligned" })).toBe(
      "WEBVTT\n\ncaption 0\n00:00:00.000 --> 00:00:01.500\n" +
        "<v Ann><lang en>good morning</lang>\n<lang es>buenos días</lang>\n<lang fr>bonjour</lang>\n\n",
    );
    const csv = await write([english, spanish], { format: "csv", content: "aligned" });
    const [head, first, second] = parseCsv(csv.replace("\ufeff", ""));
    expect(head?.slice(6)).toEqual(["text", "es", "fr", "cut", "corrected"]);
    expect(first?.slice(6)).toEqual(["good morning", "buenos días", "bonjour", "no", "no"]);
    expect(second?.slice(6)).toEqual(["hola", "", "salut", "no", "no"]);
  });

  it("leaves out translations of a text that was corrected since", async () => {
    const corrected = caption({ translations: [translated("es", "viejo", true)] });
    for (const content of ["language", "aligned"] as const) {
      const text = await write([corrected], { format: "json", content, language: "es" });
      expect(text).not.toContain("viejo");
    }
  });

  it("has times that any player takes: a cue is never over before it is seen", async () => {
    const odd = caption({ from: 5, until: 5 });
    const text = await write([caption(), odd, caption({ from: 360_000_000 })], { format: "vtt" });
    expect(text.match(/.+ --> .+/gu)).toEqual([
      "00:00:00.000 --> 00:00:01.500",
      "00:00:00.005 --> 00:00:00.006",
      "100:00:00.000 --> 100:00:01.500",
    ]);
  });

  it("marks what was cut", async () => {
    const cut = caption({ cut: true });
    expect(await write([cut], { format: "txt" })).toContain("good morning…\n");
    expect(JSON.parse(await write([cut], { format: "json" })).captions[0].cut).toBe(true);
  });

  it("is there when there is nothing in it", async () => {
    expect(await write([], { format: "vtt" })).toBe("WEBVTT\n\n");
    expect(await write([], { format: "srt" })).toBe("");
    expect(JSON.parse(await write([], { format: "json" }))).toMatchObject({ captions: [] });
    expect(parseCsv((await write([], { format: "csv" })).replace("\ufeff", ""))).toHaveLength(1);
  });
});

describe("what somebody says or is called", () => {
  const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"];

  it.each(formulas)("is no formula to a spreadsheet: %j", async (text) => {
    const nasty = caption({ text, speaker: { accountId: "eve", name: text } });
    const csv = await write([nasty], { format: "csv" });
    const [, row] = parseCsv(csv.replace("\ufeff", ""));
    for (const cell of [row?.[3], row?.[6]]) expect(cell).toMatch(/^'/u);
  });

  it("ends no cell, line or cue", async () => {
    const text = 'he said "no", then\r\n\r\n2\r\n00:00:01,000 --> 00:00:02,000\r\nleft';
    const nasty = caption({ text });
    const csv = await write([nasty], { format: "csv" });
    expect(parseCsv(csv.replace("\ufeff", ""))[1]?.[6]).toBe(text);
    const srt = await write([nasty, caption({ from: 5000 })], { format: "srt" });
    expect(srt.match(/-->/gu)).toHaveLength(2);
    expect(srt.split("\n\n").filter((cue) => cue !== "")).toHaveLength(2);
    expect((await write([nasty], { format: "txt" })).split("\n")).toHaveLength(2);
    const vtt = await write([nasty], { format: "vtt" });
    expect(vtt.match(/-->/gu)).toHaveLength(1);
    expect(vtt.split("\n\n").filter((block) => block !== "")).toHaveLength(2);
  });

  it("is no arrow of a time, whatever stands behind it", async () => {
    const nasty = caption({ text: "--", speaker: { accountId: "eve", name: "Eve --" } });
    const vtt = await write([nasty], { format: "vtt" });
    expect(vtt).toContain("<v Eve -- ><lang en>--</lang>");
    for (const format of ["srt", "vtt"] as const) {
      expect((await write([nasty], { format })).match(/-->/gu)).toHaveLength(1);
    }
  });

  it("is no markup to a player", async () => {
    const nasty = caption({
      text: "<font size=99>x</font>{\\an8}",
      speaker: { accountId: "eve", name: "<i>" },
    });
    const srt = await write([nasty], { format: "srt" });
    expect(srt.split("\n")[2]).not.toMatch(/[<>{}]/u);
    const vtt = await write([{ ...nasty, text: "<b>R&D</b> &lt;" }], { format: "vtt" });
    expect(vtt).toContain("<v &lt;i&gt;><lang en>&lt;b&gt;R&amp;D&lt;/b&gt; &amp;lt;</lang>");
  });

  it("does not turn around what stands beside it", async () => {
    const nasty = caption({ text: "one\u202etwo", speaker: { accountId: "a", name: "שרה" } });
    for (const format of ["srt", "txt"] as const) {
      expect(await write([nasty], { format })).toContain("\u2068שרה\u2069: onetwo\n");
    }
  });
});

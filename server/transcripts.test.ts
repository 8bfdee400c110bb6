import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CaptionEvent } from "../shared/call.ts";
import {
  type Caption,
  CAPTION_LIMIT,
  captionsPath,
  type CaptionSelection,
} from "../shared/caption.ts";
import { eventually } from "../shared/testing/eventually.ts";
import { of } from "./testing/scripted-call.ts";
import {
  openSpokenRoom,
  type Person,
  said,
  spoken,
  type SpokenRoom,
} from "./testing/spoken-room.ts";
import { startTestServer, type TestServer } from "./testing/test-server.ts";

let stage: SpokenRoom;
let server: TestServer;
let roomId: string;
let ann: Person;
let bea: Person;
let enter: SpokenRoom["enter"];

beforeEach(async () => {
  stage = await openSpokenRoom({ synthesisers: [] });
  ({ server, roomId, ann, enter } = stage);
  bea = await enter("Bea", "es");
});
afterEach(() => server.close());

/** Follows the captions as this person reads them. */
async function follow(person: Person) {
  const captions: CaptionEvent[] = [];
  const ready = Promise.withResolvers<void>();
  person.client.call.onCaption.subscribe(
    { roomId },
    {
      onData: ({ data }) => {
        if (data.type === "ready") ready.resolve();
        else captions.push(data);
      },
    },
  );
  await ready.promise;
  return captions;
}

async function openMicrophone(person: Person) {
  const { peerId } = await person.client.call.join.mutate({ roomId, hear: null });
  return await stage.openMicrophone(person, peerId);
}

/** Lets Ann say something that Bea reads in Spanish and Chloe in French. */
async function speak() {
  const chloe = await enter("Chloe", "fr");
  const [spanish, french] = [await follow(bea), await follow(chloe)];
  const microphone = await openMicrophone(ann);
  await microphone.say("good morning to all of you");
  await vi.waitFor(() => {
    expect(of(spanish, "translation").at(-1)?.final).toBe(true);
    expect(of(french, "translation").at(-1)?.final).toBe(true);
  }, spoken);
  return { spanish, french, microphone };
}

async function list(person: Person, read?: string): Promise<Caption[]> {
  return (await person.client.call.captions.query({ roomId, read })).items;
}

async function only(person: Person): Promise<Caption> {
  const [caption, ...others] = await list(person);
  expect(others).toEqual([]);
  if (!caption) throw new Error("nothing was kept");
  return caption;
}

const reason = (reason: string) => ({ data: { reason } });

describe("what was said", () => {
  it("is kept with its speaker, its times and every translation, under the id that readers saw", async () => {
    const { spanish } = await speak();
    const [final] = of(spanish, "final");
    expect(await only(bea)).toEqual({
      id: final?.utteranceId,
      roomId,
      speaker: { accountId: ann.account.id, name: "Ann" },
      language: "en",
      text: said,
      startedAt: final?.startedAt,
      endedAt: final?.endedAt,
      cut: false,
      edition: 0,
      translations: [
        { language: "es", text: `[es] ${said}`, outdated: false },
        { language: "fr", text: `[fr] ${said}`, outdated: false },
      ],
    });
    const [inFrench] = await list(bea, "fr-CA");
    expect(inFrench?.translations.map(({ language }) => language)).toEqual(["fr"]);
  });

  it("is found by words of it, and of its translations", async () => {
    await speak();
    const search = async (text: string) =>
      (await bea.client.call.searchCaptions.query({ roomId, text })).items;
    const [found] = await search("Morning ALL");
    expect(found?.matches[0]).toEqual({
      language: "en",
      ranges: [
        [5, 12],
        [16, 19],
      ],
    });
    expect(await search("fr")).toHaveLength(1);
    expect(await search("evening")).toEqual([]);
  });

  it("survives a server that is killed, and what was being said then is marked as cut", async () => {
    const { spanish, microphone } = await speak();
    await microphone.say("good morning to all of you and to everyone else");
    const first = of(spanish, "final")[0]?.utteranceId;
    const second = () =>
      of(spanish, "partial").findLast(({ utteranceId }) => utteranceId !== first);
    await vi.waitFor(() => expect(second()?.stable).toContain("good"), spoken);
    const utteranceId = second()?.utteranceId;
    // Sees to it that what readers saw has been written.
    expect(await list(bea)).toHaveLength(1);
    // All that a process leaves behind that is killed at this moment.
    const left = mkdtempSync(join(tmpdir(), "parley-left-"));
    cpSync(server.directory, left, { recursive: true });
    const next = await startTestServer({ environment: { DATA_DIR: left } });
    try {
      const { items } = await next.client(bea.token).call.captions.query({ roomId });
      expect(items).toMatchObject([
        { id: utteranceId, cut: true },
        { text: said, cut: false, translations: [{ language: "es" }, { language: "fr" }] },
      ]);
      expect(said.startsWith(items[0]?.text ?? "nothing")).toBe(true);
    } finally {
      await next.close();
      rmSync(left, { recursive: true });
    }
  });
});

describe("a room's settings", () => {
  it("say what terms are translated by, and whether anything is kept", async () => {
    const terms = [{ term: "Good Morning", translation: "muy buenas" }];
    const glossary = [{ from: "en", to: "es", terms }];
    await ann.client.room.update.mutate({ roomId, settings: { glossary } });
    const { spanish, french, microphone } = await speak();
    const { id: captionId } = await only(ann);
    expect(of(spanish, "translation").at(-1)?.text).toBe("[es] muy buenas to all of you at home");
    expect(of(french, "translation").at(-1)?.text).toBe(`[fr] ${said}`);
    await ann.client.call.correctCaption.mutate({ captionId, text: "a good morning to you" });
    await eventually(() =>
      expect(of(spanish, "translation").at(-1)?.text).toBe("[es] a muy buenas to you"),
    );

    await ann.client.room.update.mutate({ roomId, settings: { keepCaptions: false } });
    await microphone.say("good morning to all of you");
    await vi.waitFor(() => expect(of(spanish, "final")).toHaveLength(2), spoken);
    expect(await list(bea)).toHaveLength(1);
  });
});

describe("a correction", () => {
  it("reaches everyone who reads at once, is translated anew, and says who made it", async () => {
    const { spanish, french } = await speak();
    const { id: captionId } = await only(ann);
    const text = "good evening to all of you";
    const answer = await ann.client.call.correctCaption.mutate({ captionId, text });
    const by = { accountId: ann.account.id, name: "Ann" };
    expect(answer).toMatchObject({ text, edition: 1, correction: { by, original: said } });
    for (const [captions, language] of [
      [spanish, "es"],
      [french, "fr"],
    ] as const) {
      await eventually(() => {
        expect(of(captions, "correction")).toMatchObject([
          { utteranceId: captionId, text, edition: 1, correctedBy: by },
        ]);
        expect(captions.at(-1)).toMatchObject({
          type: "translation",
          utteranceId: captionId,
          language,
          text: `[${language}] ${text}`,
          edition: 1,
          final: true,
        });
      });
    }
    expect((await only(bea)).translations).toEqual([
      { language: "es", text: `[es] ${text}`, outdated: false },
      { language: "fr", text: `[fr] ${text}`, outdated: false },
    ]);
    const find = async (words: string) =>
      (await bea.client.call.searchCaptions.query({ roomId, text: words })).items.length;
    expect(await find("evening")).toBe(1);
    expect(await find("morning")).toBe(0);
  });

  it("is for its speaker and for moderators; what anybody may not see is not there", async () => {
    await speak();
    const { id: captionId } = await only(ann);
    const correct = (person: Person, text = "something else") =>
      person.client.call.correctCaption.mutate({ captionId, text });
    await expect(correct(bea)).rejects.toMatchObject(reason("NOT_YOUR_CAPTION"));
    await expect(bea.client.call.removeCaption.mutate({ captionId })).rejects.toMatchObject(
      reason("NOT_YOUR_CAPTION"),
    );
    const eve = await server.signIn("Eve", "en");
    await expect(correct(eve)).rejects.toMatchObject(reason("CAPTION_NOT_FOUND"));
    await expect(
      eve.client.call.correctCaption.mutate({ captionId: "nowhere", text: "x" }),
    ).rejects.toMatchObject(reason("CAPTION_NOT_FOUND"));
    await expect(correct(ann, "  ")).rejects.toMatchObject(reason("CAPTION_EMPTY"));
    await expect(correct(ann, "x".repeat(CAPTION_LIMIT + 1))).rejects.toMatchObject(
      reason("CAPTION_TOO_LONG"),
    );
    expect((await only(ann)).edition).toBe(0);
    // Whoever may not speak any more adds nothing to what they said.
    const accountId = ann.account.id;
    await ann.client.room.setRole.mutate({ roomId, accountId: bea.account.id, role: "owner" });
    await bea.client.room.setRole.mutate({ roomId, accountId, role: "member" });
    await bea.client.room.mute.mutate({ roomId, accountId, muted: true });
    await expect(correct(ann)).rejects.toMatchObject(reason("MUTED_BY_MODERATOR"));
    await bea.client.room.setRole.mutate({ roomId, accountId, role: "listener" });
    await expect(correct(ann)).rejects.toMatchObject(reason("ROLE_TOO_LOW"));
    expect((await only(bea)).edition).toBe(0);
  });
});

describe("removal", () => {
  it("of a caption leaves nothing of it, and readers are told", async () => {
    const { spanish } = await speak();
    const { id: captionId } = await only(ann);
    await ann.client.call.removeCaption.mutate({ captionId });
    await eventually(() =>
      expect(spanish.at(-1)).toMatchObject({ type: "removal", utteranceId: captionId }),
    );
    expect(await list(bea)).toEqual([]);
    const found = await bea.client.call.searchCaptions.query({ roomId, text: "morning" });
    expect(found.items).toEqual([]);
  });

  it("of an account leaves nothing that it said", async () => {
    const { spanish } = await speak();
    const { id: utteranceId } = await only(bea);
    await ann.client.account.remove.mutate({});
    expect(await list(bea)).toEqual([]);
    // Who reads it at this moment is told.
    await eventually(() => expect(spanish.at(-1)).toMatchObject({ type: "removal", utteranceId }));
  });
});

/** More than fits into all that lies between the server and who takes it. */
function sayMuch(): void {
  const db = new Sqlite(join(server.directory, "parley.db"));
  const add = db.prepare(
    `insert into captions (id, room_id, sequence, account_id, language, text, started_at, ended_at, cut, edition)
     values (?, ?, ?, ?, 'en', ?, ?, ?, 0, 0)`,
  );
  const text = "word ".repeat(400);
  db.exec("begin");
  for (let sequence = 1; sequence <= 20_000; sequence += 1) {
    const at = new Date(Date.UTC(2026, 0, 1, 0, 0, sequence)).toISOString();
    add.run(`much ${sequence}`, roomId, sequence, ann.account.id, text, at, at);
  }
  db.exec("commit");
  db.close();
}

describe("a transcript", () => {
  const download = async (selection: CaptionSelection, token: string | undefined = bea.token) => {
    const headers: HeadersInit = token === "" ? {} : { authorization: `Bearer ${token}` };
    return fetch(`${server.url}${captionsPath(roomId, selection)}`, { headers });
  };
  const formats = ["vtt", "srt", "txt", "json", "csv"] as const;
  const contents = [
    { content: "original", expected: [said], missing: [`[es] ${said}`] },
    { content: "language", language: "es", expected: [`[es] ${said}`], missing: [`[fr] ${said}`] },
    { content: "aligned", expected: [said, `[es] ${said}`, `[fr] ${said}`], missing: [] },
  ] as const;

  it("is downloaded in five formats: the original, one language, or all", async () => {
    await speak();
    for (const format of formats) {
      for (const { expected, missing, ...content } of contents) {
        const selection: CaptionSelection = { format, ...content };
        const answer = await download(selection);
        expect(answer.status).toBe(200);
        expect(answer.headers.get("content-disposition")).toMatch(
          new RegExp(`^attachment; filename="captions.*\\.${format}"$`, "u"),
        );
        const text = await answer.text();
        for (const part of expected) expect(text).toContain(part);
        for (const part of missing) expect(text).not.toContain(part);
        const exported = await bea.client.call.exportCaptions.query({ roomId, ...selection });
        expect(exported.content.replace("\ufeff", "")).toBe(text.replace("\ufeff", ""));
      }
    }
  });

  it("ends in the middle when who takes it is kicked, or signs out", async () => {
    const chloe = await enter("Chloe", "fr");
    sayMuch();
    const endings: [Person, () => Promise<unknown>][] = [
      [bea, () => ann.client.room.kick.mutate({ roomId, accountId: bea.account.id })],
      [chloe, () => chloe.client.account.logout.mutate()],
    ];
    for (const [person, end] of endings) {
      const answer = await download({ format: "txt", content: "original" }, person.token);
      const reader = answer.body?.getReader();
      expect((await reader?.read())?.done).toBe(false);
      await end();
      const readOn = async () => {
        while (!(await reader?.read())?.done);
      };
      await expect(readOn()).rejects.toThrow();
    }
  });

  it("is for members: to others the room is closed as if it weren't there", async () => {
    const eve = await server.signIn("Eve", "en");
    const selection = { format: "vtt", content: "original" } as const;
    const refused = await download(selection, eve.token);
    expect(refused.ok).toBe(false);
    const [query, exported] = await Promise.allSettled([
      eve.client.call.captions.query({ roomId }),
      eve.client.call.exportCaptions.query({ roomId, ...selection }),
    ]);
    const answers = [query, exported].map((result) =>
      result.status === "rejected" ? result.reason.data : undefined,
    );
    const body = await refused.json();
    for (const answer of answers) {
      expect(answer).toMatchObject({ reason: body.error.data.reason });
    }
    expect((await download(selection, "")).status).toBe(401);
    const wrong = await fetch(`${server.url}/rooms/${roomId}/captions.exe`, {
      headers: { authorization: `Bearer ${bea.token}` },
    });
    expect(wrong.status).toBe(400);
    expect((await download({ format: "csv", content: "language" })).status).toBe(400);
  });
});

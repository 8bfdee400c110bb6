import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CaptionEvent } from "../../shared/call.ts";
import { startTestServer, type TestServer } from "../../server/testing/test-server.ts";
import { launchChromium } from "../testing/chromium.ts";
import { createParley, type Parley, type Transcript } from "./index.ts";

let server: TestServer;
let record: (roomId: string, event: CaptionEvent) => void;
let ann: Parley;
let transcript: Transcript;

beforeEach(async () => {
  server = await startTestServer({
    // Says what speakers would.
    openCalls: (dependencies) => {
      ({ record } = dependencies);
      return Promise.resolve({ unavailable: "Nobody speaks here." });
    },
  });
  ann = createParley({ url: server.url });
  await ann.signIn({ name: `Ann <b> & "Co" --> شيماء`, language: "en" });
  transcript = ann.transcript((await ann.api.room.create.mutate({ name: "Kitchen" })).id);
});

afterEach(async () => {
  await ann.close();
  await server.close();
});

function say(id: string, text: string, { at = 0, cut = false, language = "en" } = {}): void {
  const speaker = { accountId: ann.account?.id ?? "", name: "Ann" };
  const startedAt = new Date(Date.UTC(2026, 0, 1) + at).toISOString();
  const endedAt = new Date(Date.UTC(2026, 0, 1) + at + 1500).toISOString();
  const times = { startedAt, endedAt };
  record(transcript.roomId, {
    type: "final",
    utteranceId: id,
    speaker,
    language,
    ...times,
    text,
    cut,
  });
}

function translate(id: string, language: string, text: string): void {
  const speaker = { accountId: ann.account?.id ?? "", name: "Ann" };
  const event: CaptionEvent = {
    type: "translation",
    utteranceId: id,
    speaker,
    language,
    text,
    final: true,
  };
  record(transcript.roomId, event);
}

describe("a transcript", () => {
  it("is read, searched, corrected and taken apart", async () => {
    say("1", "good morning");
    say("2", "what is there for breakfast", { at: 2000 });
    translate("2", "es", "¿qué hay para desayunar?");
    expect((await transcript.captions({ read: null })).items).toMatchObject([
      { id: "2", translations: [] },
      { id: "1" },
    ]);
    expect((await transcript.search("desayunar")).items).toMatchObject([
      { id: "2", matches: [{ language: "es" }] },
    ]);
    expect(await transcript.correct("1", "good evening")).toMatchObject({ edition: 1 });
    await transcript.remove("2");
    expect((await transcript.captions()).items.map(({ text }) => text)).toEqual(["good evening"]);
    await expect(transcript.remove("2")).rejects.toMatchObject({ reason: "CAPTION_NOT_FOUND" });
  });

  it("is downloaded, or refused with a reason", async () => {
    say("1", "good morning");
    const file = await transcript.download({ format: "txt", content: "original" });
    expect(await file.text()).toContain("good morning");
    const stranger = createParley({ url: server.url });
    const refused = stranger.transcript(transcript.roomId);
    await expect(refused.download({ format: "txt", content: "original" })).rejects.toMatchObject({
      name: "ParleyError",
      reason: "NOT_SIGNED_IN",
    });
    const answer = await fetch(transcript.downloadUrl({ format: "txt", content: "original" }));
    expect(answer.status).toBe(401);
  });

  it("shows in a browser as subtitles, whatever people say", async () => {
    const nasty = `00:00:09.000 --> 00:00:10.000 <script>alert(1)</script> &lt; & NOTE\n\nWEBVTT`;
    say("1", nasty);
    translate("1", "es", "hola <v Eve>soy yo</v> -->");
    say("2", "أهلا\u202e وسهلا", { at: 1000, cut: true, language: "ar" });
    const file = await transcript.download({ format: "vtt", content: "aligned" });
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const cues = await page.evaluate(
        async (text) => {
          const video = document.createElement("video");
          const track = document.createElement("track");
          track.src = URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
          track.default = true;
          video.append(track);
          document.body.append(video);
          track.track.mode = "showing";
          await new Promise((resolve, reject) => {
            track.addEventListener("load", resolve);
            track.addEventListener("error", reject);
          });
          return Array.from(track.track.cues ?? [], (cue) => {
            const shown = (cue as VTTCue).getCueAsHTML();
            const texts = Array.from(shown.querySelectorAll("[lang]"), (element) => [
              element.getAttribute("lang"),
              element.textContent,
            ]);
            return {
              id: cue.id,
              times: [cue.startTime, cue.endTime],
              speakers: Array.from(shown.querySelectorAll("[title]"), (voice) =>
                voice.getAttribute("title"),
              ),
              elements: shown.querySelectorAll("*").length,
              texts,
            };
          });
        },
        await file.text(),
      );
      const speakers = [`Ann <b> & "Co" --> شيماء`];
      expect(cues).toEqual([
        {
          id: "1",
          times: [0, 1.5],
          speakers,
          elements: 3,
          texts: [
            ["en", nasty.replace("\n\n", " ")],
            ["es", "hola <v Eve>soy yo</v> -->"],
          ],
        },
        { id: "2", times: [1, 2.5], speakers, elements: 2, texts: [["ar", "أهلا وسهلا…"]] },
      ]);
    } finally {
      await browser.close();
    }
  });
});

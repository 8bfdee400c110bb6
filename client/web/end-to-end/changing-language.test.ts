import { afterEach, expect, test } from "vitest";
import { realTime } from "../../testing/real-time.ts";
import { microphoneSound, sentences } from "../../testing/speech.ts";
import { openStage, type Stage } from "../../testing/stage.ts";

let stage: Stage;
afterEach(async () => await stage.close());

test(
  "a listener who changes language in mid-call hears and reads the new one",
  realTime,
  async () => {
    stage = await openStage();
    const { sound } = await microphoneSound({ texts: sentences.slice(0, 7), voice: "slt" });
    const ann = await stage.visit({ name: "Ann", language: "en", speech: sound });
    const ben = await stage.visit({ name: "Ben", language: "es" });
    await ann.enter();
    await ann.createRoom("Kitchen");
    await ben.enter();
    await ben.joinRoom("Kitchen");
    await ann.openMicrophone();

    const interpreters = async () =>
      (await ben.voices()).flatMap(({ kind, language }) =>
        kind === "interpreter" ? [language] : [],
      );
    const translations = (language: string) =>
      ben.captions.filter(
        ({ event }) => event.type === "translation" && event.language === language,
      );
    await ben.recordVoice("Spanish", { kind: "interpreter", language: "es" });
    await expect.poll(() => translations("es").length, { timeout: 15_000 }).toBeGreaterThan(0);
    expect(await interpreters()).toEqual(["es"]);

    await ben.choose("hear-select", "fr");
    await ben.choose("read-select", "fr");
    const changedAt = Date.now();
    await ben.recordVoice("French", { kind: "interpreter", language: "fr" });
    // The next sentences, all of them, are for the new language.
    await expect.poll(() => translations("fr").length, { timeout: 15_000 }).toBeGreaterThan(1);
    await expect.poll(interpreters, { timeout: 10_000 }).toEqual(["fr"]);
    const late = translations("es").filter(({ at }) => at > changedAt + 1500);
    expect(late).toEqual([]);
    await expect
      .poll(async () => (await ben.recording("French")).onset(changedAt, Infinity), {
        timeout: 10_000,
      })
      .toBeGreaterThan(changedAt);
    await expect.poll(() => ben.part("caption-translation").last().getAttribute("lang")).toBe("fr");
  },
);

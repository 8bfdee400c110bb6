import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { realTime } from "../../testing/real-time.ts";
import { microphoneSound, sentences } from "../../testing/speech.ts";
import { openStage, type Stage } from "../../testing/stage.ts";
import { wordAccuracy } from "../../testing/words.ts";

let stage: Stage;
afterEach(async () => await stage.close());

const CUT_MS = 5000;

/** The recogniser makes no mistake in the last ones: a word that is missing was lost on the way. */
const texts = [0, 1, 2, 3, 9, 10, 15].map((index) => sentences[index] ?? "");

test(
  "a speaker whose network is cut for 5 s comes back, and is captioned again",
  realTime,
  async () => {
    stage = await openStage();
    const { sound, spoken } = await microphoneSound({ texts, voice: "slt", pauseMs: 1000 });
    const network = await stage.relay();
    const ann = await stage.visit({ name: "Ann", language: "en", speech: sound, url: network.url });
    const ben = await stage.visit({ name: "Ben", language: "es" });
    await ann.enter();
    await ann.createRoom("Kitchen");
    await ben.enter();
    await ben.joinRoom("Kitchen");
    await ann.openMicrophone();
    const zero = Date.now();
    await ben.recordVoice("interpreter", { kind: "interpreter" });

    // In the middle of the second sentence.
    const [, second] = spoken;
    if (!second) throw new Error("there are seven sentences");
    await delay(Math.max(0, zero + (second.startMs + second.endMs) / 2 - Date.now()));
    stage.server.media.cut(await ben.mediaPorts());
    network.cut();
    await delay(CUT_MS);
    const restoredAt = Date.now();
    stage.server.media.restore();
    network.restore();

    await ann.page.waitForFunction(() => window.parleyCall?.state === "connected", undefined, {
      timeout: 10_000,
    });
    // What is said from 4 s after the cut on is heard as if nothing had been.
    const later = spoken.filter(({ startMs }) => zero + startMs > restoredAt + 4000);
    expect(later.length).toBeGreaterThan(1);
    const finals = () =>
      ben.captions.flatMap(({ event }) =>
        event.type === "final" && Date.parse(event.startedAt) > restoredAt + 3500
          ? [event.text]
          : [],
      );
    const said = later.map(({ text }) => text).join(" ");
    await expect
      .poll(finals, { timeout: 30_000 })
      .toSatisfy((heard: string[]) => wordAccuracy(said, heard.join(" ")).accuracy > 0.8, said);
    await expect
      .poll(async () => (await ben.recording("interpreter")).onset(restoredAt + 4000, Infinity), {
        timeout: 10_000,
      })
      .toBeGreaterThan(restoredAt);
  },
);

test("who loses the connection is told so, and misses nothing", async () => {
  stage = await openStage();
  const network = await stage.relay();
  const ann = await stage.visit({ name: "Ann", language: "en", url: network.url });
  const ben = await stage.visit({ name: "Ben", language: "en" });
  await ann.enter();
  await ann.createRoom("Kitchen");
  await ben.enter();
  await ben.joinRoom("Kitchen");

  network.cut();
  const banner = ann.part("connection-banner");
  await banner.filter({ hasText: "connection is lost" }).waitFor({ timeout: 15_000 });
  // On a phone the chat covers the whole page, but not that; nor does that cover the way out of it.
  await ann.page.setViewportSize({ width: 390, height: 800 });
  await ann.openChat();
  await banner.click({ trial: true });
  const closing = ann.page.getByRole("dialog").getByRole("button", { name: "Close the chat" });
  await closing.click({ trial: true });
  await ben.writeMessage("Are you there?");
  await ben.part("chat-message").filter({ hasText: "Are you there?" }).waitFor();
  network.restore();
  await banner.filter({ hasText: "Connected again" }).waitFor({ timeout: 15_000 });
  await ann.part("chat-message").filter({ hasText: "Are you there?" }).waitFor();
  expect(await ann.part("chat-message").count()).toBe(1);
}, 60_000);

import { afterEach, expect, test } from "vitest";
import { captionsBySentence } from "../../testing/captions-by-sentence.ts";
import { parseRtp } from "../../testing/rtp-packet.ts";
import { realTime } from "../../testing/real-time.ts";
import { SpeechWatch } from "../../testing/speech-watch.ts";
import { microphoneSound, sentences } from "../../testing/speech.ts";
import { openStage, type Stage } from "../../testing/stage.ts";
import { wordAccuracy } from "../../testing/words.ts";

let stage: Stage;
afterEach(async () => await stage.close());

test("a microphone that sends nothing in pauses is heard as well as any", realTime, async () => {
  stage = await openStage();
  const texts = sentences.slice(0, 5);
  const { sound, spoken } = await microphoneSound({ texts, voice: "rms" });
  const ann = await stage.visit({ name: "Ann", language: "en", speech: sound });
  await ann.enter();
  const packets: number[] = [];
  stage.server.media.watch(({ direction, packet, at }) => {
    if (direction === "to-server" && parseRtp(packet)) packets.push(at);
  });
  const watch = new SpeechWatch(stage.server.media);
  await ann.page.evaluate(async () => {
    const { parley } = window;
    if (!parley) throw new Error("the page shows no SDK");
    const { id } = await parley.api.room.create.mutate({ name: "Kitchen" });
    window.parleyCall = await parley.call.join(id, { microphone: true });
  });
  await ann.followCaptions();
  watch.audioLevelExtension = await ann.audioLevelExtension();

  const finals = () => ann.captions.filter(({ event }) => event.type === "final");
  await expect.poll(() => finals().length, { timeout: 45_000 }).toBeGreaterThanOrEqual(5);
  const times = watch.sentences(await ann.mediaPorts(), spoken);
  const captioned = captionsBySentence(times, ann.captions, "es");
  const recognised = captioned.map((sentence) => sentence.recognised).join(" ");
  expect(wordAccuracy(texts.join(" "), recognised).accuracy, recognised).toBeGreaterThanOrEqual(
    0.9,
  );

  // The pauses really were silent on the network ...
  const gaps = packets.filter((at, index) => at - (packets[index - 1] ?? at) > 200);
  expect(gaps.length).toBeGreaterThan(4);
  // ... and ended each sentence before the next began.
  for (const [index, { finalAt = Infinity }] of captioned.entries()) {
    const next = captioned[index + 1];
    if (next) expect(finalAt).toBeLessThan(next.startedAt);
  }
});

import { setTimeout as delay } from "node:timers/promises";
import {
  captionsBySentence,
  type CaptionedSentence,
} from "../../client/testing/captions-by-sentence.ts";
import { launchChromium } from "../../client/testing/chromium.ts";
import type { ParleyServer } from "../../client/testing/parley-server.ts";
import type { MicrophoneSound } from "../../client/testing/speech.ts";
import { SpeechWatch } from "../../client/testing/speech-watch.ts";
import { Visitor } from "../../client/testing/visitor.ts";
import { durationMs } from "../../client/testing/wav.ts";
import { type LightListener, openLightListener } from "./light-listener.ts";
import { type Processor, processorBetween } from "./processor.ts";
import { readProcessUsage } from "./process-usage.ts";

export type Crowd = {
  /** Of all speakers together. */
  sentences: CaptionedSentence[];
  processor: Processor;
};

const LANGUAGE = "es";
/** Speakers begin one after another, as people do. */
const APART_MS = 200;
const SETTLE_MS = 3000;

/**
 * So many pages of a real Chromium speak at once, each in a room with somebody who listens in
 * Spanish. The browser shares the machine with the server; only the server's time is counted.
 */
export async function measureCrowd(options: {
  server: ParleyServer;
  speakers: number;
  /** What each of them says, and the file that it is in. */
  speech: MicrophoneSound;
  microphone: string;
}): Promise<Crowd> {
  const { server, speakers, speech, microphone } = options;
  const watch = new SpeechWatch(server.media);
  const browser = await launchChromium({ microphone });
  const listeners: LightListener[] = [];
  try {
    const visitors: Visitor[] = [];
    for (let index = 0; index < speakers; index += 1) {
      const name = `Speaker ${index + 1}`;
      const visitor = await Visitor.open(browser, { url: server.url, name, language: "en" });
      await visitor.enter();
      const roomId = await visitor.createRoom(`Room of ${name}`);
      listeners.push(await openLightListener({ url: server.url, roomId, language: LANGUAGE }));
      visitors.push(visitor);
    }
    const openedAt = performance.now();
    await Promise.all(
      visitors.map(async (visitor, index) => {
        await delay(index * APART_MS);
        await visitor.openMicrophone();
        watch.audioLevelExtension ??= await visitor.audioLevelExtension();
      }),
    );
    const allAt = performance.now();
    const before = await readProcessUsage(server.pid);
    // Until the first one has said everything.
    await delay(Math.max(0, openedAt + durationMs(speech.sound) - allAt));
    const after = await readProcessUsage(server.pid);
    await delay(allAt - openedAt + SETTLE_MS);
    const ports = await Promise.all(visitors.map((visitor) => visitor.mediaPorts()));
    return {
      processor: processorBetween(before, after),
      sentences: ports.flatMap((mine, index) =>
        captionsBySentence(
          watch.sentences(mine, speech.spoken),
          listeners[index]?.captions ?? [],
          LANGUAGE,
        ),
      ),
    };
  } finally {
    watch.close();
    await Promise.all(listeners.map((listener) => listener.close()));
    await browser.close();
  }
}

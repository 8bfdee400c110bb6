import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Browser } from "playwright-core";
import { type LanguageTag } from "../../shared/language.ts";
import { captionsBySentence, type CaptionArrival } from "./captions-by-sentence.ts";
import { launchChromium } from "./chromium.ts";
import { measureSentence, type MeasuredSentence } from "./measured-sentence.ts";
import { type ParleyServer } from "./parley-server.ts";
import { type Recording } from "./recording.ts";
import { type FliteVoice, microphoneSound } from "./speech.ts";
import { SpeechWatch } from "./speech-watch.ts";
import { Visitor } from "./visitor.ts";
import { type Sound, durationMs, writeWav } from "./wav.ts";
import { wordAccuracy, type WordAccuracy } from "./words.ts";

export type ConversationOptions = {
  server: ParleyServer;
  texts: readonly string[];
  voice: FliteVoice;
  pauseMs?: number;
  /** What the listener reads and hears. The speaker speaks English. */
  language: LanguageTag;
  onCaption?: (arrival: CaptionArrival) => void;
  /** Called around the time in which sentences are spoken. */
  onSpeech?: { begins: () => Promise<void>; ended: () => Promise<void> };
};

export type Conversation = {
  sentences: MeasuredSentence[];
  accuracy: WordAccuracy;
  said: Sound;
  /** Of the interpreter's voice, if there was one. */
  heard?: Recording;
};

/** Nothing more comes when nothing came for so long: longer than any one stage may take. */
const SETTLED_MS = 4000;

/**
 * Ann, whose microphone is flite, speaks to Ben, who reads and hears another language: two Chromium
 * pages at the real web app. Gives all that came of it.
 */
export async function holdConversation(options: ConversationOptions): Promise<Conversation> {
  const { server, texts, voice, pauseMs, language, onCaption, onSpeech } = options;
  const folder = await mkdtemp(join(tmpdir(), "parley-microphone-"));
  const watch = new SpeechWatch(server.media);
  const browsers: Browser[] = [];
  try {
    const { sound, spoken } = await microphoneSound({ texts, voice, pauseMs });
    const microphone = join(folder, "microphone.wav");
    await writeWav(microphone, sound);
    browsers.push(await launchChromium({ microphone }), await launchChromium());
    const [annsBrowser, bensBrowser] = browsers;
    if (!annsBrowser || !bensBrowser) throw new Error("two browsers were launched");
    const { url } = server;
    const ann = await Visitor.open(annsBrowser, { url, name: "Ann", language: "en" });
    const ben = await Visitor.open(bensBrowser, { url, name: "Ben", language, onCaption });
    await Promise.all([ann.enter(), ben.enter()]);
    await ann.createRoom("Kitchen table");
    await ben.joinRoom("Kitchen table");

    await ann.openMicrophone();
    const openedAt = Date.now();
    watch.audioLevelExtension = await ann.audioLevelExtension();
    await onSpeech?.begins();
    const interpreter = await ben
      .recordVoice("interpreter", { kind: "interpreter", language })
      .catch(() => undefined);
    await delay(Math.max(0, openedAt + durationMs(sound) - Date.now()));
    await onSpeech?.ended();
    await settled(ben);

    const sentences = watch.sentences(await ann.mediaPorts(), spoken);
    const heard = interpreter && (await ben.recording("interpreter"));
    const captioned = captionsBySentence(sentences, ben.captions, language);
    const listened = interpreter && heard && { ssrc: interpreter.ssrc, language, recording: heard };
    const { synthesised } = server;
    return {
      said: sound,
      heard,
      accuracy: wordAccuracy(
        texts.join(" "),
        captioned.map(({ recognised }) => recognised).join(" "),
      ),
      sentences: captioned.map((sentence) =>
        measureSentence(sentence, { watch, listened, synthesised }),
      ),
    };
  } finally {
    watch.close();
    await Promise.all(browsers.map((browser) => browser.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function settled({ captions }: Visitor): Promise<void> {
  const started = Date.now();
  while (Date.now() - Math.max(started, captions.at(-1)?.at ?? 0) < SETTLED_MS) await delay(100);
}

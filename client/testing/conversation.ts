import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser } from "playwright-core";
import type { LanguageTag } from "../../shared/language.ts";
import { captionsBySentence, type CaptionArrival } from "./captions-by-sentence.ts";
import { launchChromium } from "./chromium.ts";
import { measureSentence, type MeasuredSentence } from "./measured-sentence.ts";
import type { ParleyServer } from "./parley-server.ts";
import type { Recording } from "./recording.ts";
import { type FliteVoice, type MicrophoneSound, microphoneSound } from "./speech.ts";
import { SpeechWatch } from "./speech-watch.ts";
import { Visitor } from "./visitor.ts";
import { type Sound, durationMs, writeWav } from "./wav.ts";
import { wordAccuracy, type WordAccuracy } from "./words.ts";

/** Somebody with flite at the microphone, who speaks English. */
export type SpeakerPlan = { name: string; voice: FliteVoice; texts: readonly string[] };
/** Somebody who reads and hears `language`. */
export type ListenerPlan = { name: string; language: LanguageTag };

export type ConversationOptions = {
  server: ParleyServer;
  speakers: readonly SpeakerPlan[];
  listeners: readonly ListenerPlan[];
  pauseMs?: number;
  /** Called at each caption that reaches the first listener. */
  onCaption?: (arrival: CaptionArrival) => void;
  /** Called around the time in which sentences are spoken. */
  onSpeech?: { begins: () => Promise<void>; ended: () => Promise<void> };
};

/** What one listener got of one speaker. */
export type Interpretation = {
  speaker: SpeakerPlan;
  listener: ListenerPlan;
  sentences: MeasuredSentence[];
  accuracy: WordAccuracy;
  said: Sound;
  /** Of the interpreter's voice, if there was one. */
  heard?: Recording;
};

/** Nothing more comes when nothing came for so long: longer than any one stage may take. */
const SETTLED_MS = 4000;

type Speaker = { plan: SpeakerPlan; visitor: Visitor; accountId: string; speech: MicrophoneSound };
type Listener = { plan: ListenerPlan; visitor: Visitor };

/** Time for the others, and the translators, to be ready before those begin who speak together. */
const TOGETHER_LEAD_IN_MS = 3000;

/**
 * Lets people talk at the real web app, each at a Chromium page, all speakers at once. Gives what
 * each listener got of each speaker.
 *
 * One speaker has a browser of their own, whose microphone is a device, with all that browsers do to
 * what comes from devices. Browsers can't do that in time for several on a small machine: what they
 * leave out nobody can recognise. Several speakers therefore share the listeners' browser, and each
 * page has a microphone that loses nothing.
 */
export async function holdConversation(options: ConversationOptions): Promise<Interpretation[]> {
  const { server, onSpeech } = options;
  const folder = await mkdtemp(join(tmpdir(), "parley-microphone-"));
  const watch = new SpeechWatch(server.media);
  // Of earlier conversations: the same text, said in another way.
  const synthesisedBefore = server.synthesised.length;
  const browsers: Browser[] = [];
  const launch = async (microphone?: string) => {
    const browser = await launchChromium({ microphone });
    browsers.push(browser);
    return browser;
  };
  try {
    // A server may have rooms of earlier conversations.
    const room = `Table ${randomUUID().slice(0, 8)}`;
    const together = options.speakers.length > 1;
    const speakers = await seatSpeakers(options, { room, folder, launch, together });
    const shared = together ? browsers[0] : undefined;
    const listeners = await seatListeners(options, { room, browser: shared ?? (await launch()) });

    for (const { visitor } of speakers) await visitor.openMicrophone();
    if (together) await Promise.all(speakers.map(({ visitor }) => visitor.speak()));
    const openedAt = Date.now();
    watch.audioLevelExtension = await speakers[0]?.visitor.audioLevelExtension();
    await onSpeech?.begins();
    const voices = await recordVoices(speakers, listeners);
    const longest = Math.max(...speakers.map(({ speech }) => durationMs(speech.sound)));
    await delay(Math.max(0, openedAt + longest - Date.now()));
    await onSpeech?.ended();
    await settled(listeners.map(({ visitor }) => visitor));

    const interpretations: Interpretation[] = [];
    for (const { speaker, listener, ssrc } of voices) {
      const { plan, visitor, accountId, speech } = speaker;
      const { language } = listener.plan;
      const heard =
        ssrc === undefined ? undefined : await listener.visitor.recording(nameOf(speaker));
      const listened = heard && ssrc !== undefined && { ssrc, language, recording: heard };
      const captioned = captionsBySentence(
        watch.sentences(await visitor.mediaPorts(), speech.spoken),
        listener.visitor.captions.filter(({ event }) => event.speaker.accountId === accountId),
        language,
      );
      const recognised = captioned.map((sentence) => sentence.recognised).join(" ");
      interpretations.push({
        speaker: plan,
        listener: listener.plan,
        said: speech.sound,
        heard,
        accuracy: wordAccuracy(plan.texts.join(" "), recognised),
        sentences: captioned.map((sentence) =>
          measureSentence(sentence, {
            watch,
            listened: listened || undefined,
            synthesised: server.synthesised.slice(synthesisedBefore),
          }),
        ),
      });
    }
    return interpretations;
  } finally {
    watch.close();
    await Promise.all(browsers.map((browser) => browser.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Alone with a browser whose microphone is theirs, or together. The first makes the room. */
async function seatSpeakers(
  { server: { url }, speakers, pauseMs }: ConversationOptions,
  at: {
    room: string;
    folder: string;
    launch: (microphone?: string) => Promise<Browser>;
    together: boolean;
  },
): Promise<Speaker[]> {
  const { room, folder, launch, together } = at;
  const shared = together ? await launch() : undefined;
  const seated: Speaker[] = [];
  for (const plan of speakers) {
    const { name, texts, voice } = plan;
    const leadInMs = together ? TOGETHER_LEAD_IN_MS : undefined;
    const speech = await microphoneSound({ texts, voice, pauseMs, leadInMs });
    const microphone = join(folder, `${name}.wav`);
    await writeWav(microphone, speech.sound);
    const browser = shared ?? (await launch(microphone));
    const visitor = await Visitor.open(browser, { url, name, language: "en" });
    await visitor.enter();
    if (together) await visitor.plugInMicrophone(speech.sound);
    if (seated.length === 0) await visitor.createRoom(room);
    else await visitor.joinRoom(room);
    seated.push({ plan, visitor, speech, accountId: await visitor.accountId() });
  }
  return seated;
}

async function seatListeners(
  { server: { url }, listeners, onCaption }: ConversationOptions,
  { room, browser }: { room: string; browser: Browser },
): Promise<Listener[]> {
  const seated: Listener[] = [];
  for (const plan of listeners) {
    const first = seated.length === 0;
    const visitor = await Visitor.open(browser, {
      url,
      ...plan,
      onCaption: first ? onCaption : undefined,
    });
    await visitor.enter();
    await visitor.joinRoom(room);
    seated.push({ plan, visitor });
  }
  return seated;
}

/** The interpreters' voices, each with the SSRC of its packets; without one if it never came. */
async function recordVoices(speakers: readonly Speaker[], listeners: readonly Listener[]) {
  return await Promise.all(
    speakers.flatMap((speaker) =>
      listeners.map(async (listener) => {
        const { accountId } = speaker;
        const { language } = listener.plan;
        const wanted = { kind: "interpreter", language, accountId } as const;
        const voice = await listener.visitor
          .recordVoice(nameOf(speaker), wanted)
          .catch(() => undefined);
        return { speaker, listener, ssrc: voice?.ssrc };
      }),
    ),
  );
}

const nameOf = ({ plan }: Speaker) => `interpreter of ${plan.name}`;

async function settled(visitors: readonly Visitor[]): Promise<void> {
  const started = Date.now();
  const lastCaption = () =>
    Math.max(started, ...visitors.map(({ captions }) => captions.at(-1)?.at ?? 0));
  while (Date.now() - lastCaption() < SETTLED_MS) await delay(100);
}

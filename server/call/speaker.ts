import { setTimeout as delay } from "node:timers/promises";
import type { CaptionNotice, Voice } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Bus } from "../bus/bus.ts";
import type { EngineRegistry, Recogniser } from "../interpreter/engines.ts";
import type { VoiceActivityDetector } from "../interpreter/voice-activity.ts";
import type { Log } from "../kit/log.ts";
import type { ClientTransport } from "../media/client-transport.ts";
import type { MediaRoom } from "../media/media-room.ts";
import { type RecordCaption, SpeakerCaptions } from "./captions.ts";
import { interpretSpeaker, type Wanted } from "./interpret-speaker.ts";

export type Microphone = Awaited<ReturnType<ClientTransport["produce"]>>;

export type SpeakerOptions = {
  roomId: string;
  accountId: string;
  name: () => string;
  language: LanguageTag;
  microphone: Microphone;
  muted: boolean;
  media: MediaRoom;
  engines: EngineRegistry;
  voiceActivity: VoiceActivityDetector;
  wanted: Wanted;
  bus: Bus;
  record: RecordCaption;
  log: Log;
  onSpeaking: (speaking: boolean) => void;
  /** Called when an interpreter's voice opened or closed, or the language changed. */
  onVoices: () => void;
};

/** What failed is tried again after so long. */
const RESTART_MS = 5_000;

/** Somebody whose microphone is open, and the interpretation of what they say. */
export class Speaker {
  readonly accountId: string;
  language: LanguageTag;
  readonly #options: SpeakerOptions;
  readonly #interpreterVoices = new Map<LanguageTag, string>();
  #interpretation: { abort: AbortController; captions: SpeakerCaptions; ended: Promise<void> };
  #unavailable: CaptionNotice | undefined;
  #microphoneOpen = true;
  #muted: boolean;

  constructor(options: SpeakerOptions) {
    this.accountId = options.accountId;
    this.language = options.language;
    this.#muted = options.muted;
    this.#options = options;
    this.#interpretation = this.#interpret();
  }

  /** The original while the microphone is open, and an interpreter's voice for each language. */
  get voices(): Voice[] {
    const { accountId, language } = this;
    const muted = this.#muted;
    const producerId = this.#options.microphone.id;
    const original: Voice[] = this.#microphoneOpen
      ? [{ producerId, accountId, kind: "original", language, muted }]
      : [];
    const interpreters = Array.from(this.#interpreterVoices, ([voiceLanguage, id]): Voice => ({
      producerId: id,
      accountId,
      kind: "interpreter",
      language: voiceLanguage,
      muted,
    }));
    return [...original, ...interpreters];
  }

  async setMuted(muted: boolean): Promise<void> {
    this.#muted = muted;
    if (muted) await this.#options.microphone.pause();
    else await this.#options.microphone.resume();
    this.#options.onVoices();
  }

  /** What is being said is cut off; what comes next is heard in the new language. */
  setLanguage(language: LanguageTag): void {
    if (language === this.language || !this.#microphoneOpen) return;
    this.language = language;
    this.#interpretation.abort.abort();
    this.#interpretation = this.#interpret();
    this.#options.onVoices();
  }

  /** Tells a reader who has just come why some or all of this speaker can't be read, or heard. */
  repeatNotices(): void {
    const { captions } = this.#interpretation;
    this.#notifyUnavailable(captions);
    captions.repeatMissing();
  }

  /** Closes the microphone. Resolves when what was said has been translated and spoken, too. */
  async finish(): Promise<void> {
    this.#microphoneOpen = false;
    this.#options.microphone.close();
    await this.#interpretation.ended;
  }

  /** Closes the microphone and falls silent in every language at once. */
  async close(): Promise<void> {
    this.#interpretation.abort.abort();
    await this.finish();
  }

  #interpret() {
    const { roomId, accountId, name, bus, record } = this.#options;
    const { language } = this;
    const abort = new AbortController();
    const speaker = () => ({ accountId, name: name() });
    const captions = new SpeakerCaptions({ bus, record, roomId, speaker, language });
    const ended = this.#keepInterpreting(language, captions, abort.signal);
    return { abort, captions, ended };
  }

  /** What fails is begun again, and says so meanwhile: the call goes on without it. */
  async #keepInterpreting(
    language: LanguageTag,
    captions: SpeakerCaptions,
    signal: AbortSignal,
  ): Promise<void> {
    const { roomId, accountId, engines, log } = this.#options;
    while (this.#microphoneOpen && !signal.aborted) {
      const recogniser = engines.recogniserFor(language);
      this.#unavailable = recogniser ? undefined : "recogniser-unavailable";
      this.#notifyUnavailable(captions);
      if (!recogniser) return;
      const attempt = new AbortController();
      try {
        await this.#interpretOnce(recogniser, captions, AbortSignal.any([signal, attempt.signal]));
        return;
      } catch (error) {
        if (signal.aborted) return;
        log.error({ err: error, roomId, accountId }, "interpretation of a speaker failed");
        this.#unavailable = "recogniser-unavailable";
        this.#notifyUnavailable(captions);
      } finally {
        // Nobody listens any more.
        attempt.abort();
      }
      await delay(RESTART_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #interpretOnce(
    recogniser: Recogniser,
    captions: SpeakerCaptions,
    signal: AbortSignal,
  ): Promise<void> {
    const { roomId, accountId, media, microphone, engines, voiceActivity } = this.#options;
    const { wanted, onSpeaking, log } = this.#options;
    await interpretSpeaker({
      audio: media.openInlet(microphone.id, { signal }),
      language: captions.language,
      recogniser,
      engines,
      voiceActivity,
      wanted,
      captions,
      openVoice: (language) => this.#openVoice(language),
      onSpeaking,
      onFailed: (stage, error) => {
        log.warn({ err: error, roomId, accountId, stage }, "a part of interpretation failed");
      },
      signal,
    });
  }

  #notifyUnavailable(captions: SpeakerCaptions): void {
    if (this.#unavailable) captions.notice(this.#unavailable);
  }

  async #openVoice(language: LanguageTag) {
    const outlet = await this.#options.media.openOutlet();
    this.#interpreterVoices.set(language, outlet.producerId);
    this.#options.onVoices();
    const close = () => {
      outlet.close();
      if (this.#interpreterVoices.get(language) !== outlet.producerId) return;
      this.#interpreterVoices.delete(language);
      this.#options.onVoices();
    };
    return { outlet, close };
  }
}

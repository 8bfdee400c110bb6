import { type CaptionNotice, type Voice } from "../../shared/call.ts";
import { type LanguageTag } from "../../shared/language.ts";
import { type Bus } from "../bus/bus.ts";
import { type EngineRegistry } from "../interpreter/engines.ts";
import { type VoiceActivityDetector } from "../interpreter/voice-activity.ts";
import { type Log } from "../kit/log.ts";
import { type ClientTransport } from "../media/client-transport.ts";
import { type MediaRoom } from "../media/media-room.ts";
import { SpeakerCaptions } from "./captions.ts";
import { interpretSpeaker, type Wanted } from "./interpret-speaker.ts";

export type Microphone = Awaited<ReturnType<ClientTransport["produce"]>>;

export type SpeakerOptions = {
  roomId: string;
  accountId: string;
  name: string;
  language: LanguageTag;
  microphone: Microphone;
  muted: boolean;
  media: MediaRoom;
  engines: EngineRegistry;
  voiceActivity: VoiceActivityDetector;
  wanted: Wanted;
  bus: Bus;
  log: Log;
  onSpeaking: (speaking: boolean) => void;
  /** Called when an interpreter's voice opened or closed, or the language changed. */
  onVoices: () => void;
};

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

  /** Tells a reader who has just come why nothing of this speaker can be read. */
  repeatNotice(): void {
    if (this.#unavailable) this.#interpretation.captions.notice(this.#unavailable);
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
    const { roomId, accountId, name, bus, engines, voiceActivity, wanted, log } = this.#options;
    const abort = new AbortController();
    const { signal } = abort;
    const { language } = this;
    const captions = new SpeakerCaptions({ bus, roomId, speaker: { accountId, name }, language });
    const recogniser = engines.recogniserFor(language);
    this.#unavailable = recogniser ? undefined : "recogniser-unavailable";
    const ended = recogniser
      ? interpretSpeaker({
          audio: this.#options.media.openInlet(this.#options.microphone.id, { signal }),
          language,
          recogniser,
          engines,
          voiceActivity,
          wanted,
          captions,
          openVoice: (voiceLanguage) => this.#openVoice(voiceLanguage),
          onSpeaking: this.#options.onSpeaking,
          onFailed: (stage, error) => {
            log.error(
              { err: error, roomId, accountId, stage },
              "a branch of interpretation failed",
            );
          },
          signal,
        }).catch((error: unknown) => {
          if (signal.aborted) return;
          // Nobody listens any more.
          abort.abort();
          // The call goes on without interpretation of this speaker, and says so.
          log.error({ err: error, roomId, accountId }, "interpretation of a speaker failed");
          this.#unavailable = "recogniser-unavailable";
          this.repeatNotice();
        })
      : Promise.resolve();
    if (this.#unavailable) captions.notice(this.#unavailable);
    return { abort, captions, ended };
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

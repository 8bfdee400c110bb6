import type { Voice } from "../../shared/call.ts";
import { type LanguageTag, sameLanguage } from "../../shared/language.ts";
import type { RoomEvent } from "../../shared/room.ts";
import type { Bus } from "../bus/bus.ts";
import type { EngineRegistry } from "../interpreter/engines.ts";
import type { VoiceActivityDetector } from "../interpreter/voice-activity.ts";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import type { MediaRoom } from "../media/media-room.ts";
import type { RecordCaption } from "./captions.ts";
import type { Peer } from "./peer.ts";
import { type Microphone, Speaker } from "./speaker.ts";

export type RoomCallOptions = {
  roomId: string;
  media: MediaRoom;
  engines: EngineRegistry;
  voiceActivity: VoiceActivityDetector;
  bus: Bus;
  record: RecordCaption;
  log: Log;
  /** Tells everyone in the room. */
  publish: (event: RoomEvent) => void;
  /** Languages that somebody reads captions in. */
  readLanguages: () => LanguageTag[];
  onEmpty: () => void;
};

/** The call of one room: who is in it, who speaks, and what each of them should be playing. */
export class RoomCall {
  readonly media: MediaRoom;
  readonly #options: RoomCallOptions;
  readonly #peers = new Map<string, Peer>();
  /** By account: a person has one microphone in a room. */
  readonly #speakers = new Map<string, { peer: Peer; speaker: Speaker | undefined }>();
  /** Whose microphone is closed, and whose last words are still being interpreted. */
  readonly #finishing = new Map<Speaker, Peer>();
  readonly #listeners = new Set<() => void>();

  constructor(options: RoomCallOptions) {
    this.#options = options;
    this.media = options.media;
  }

  get roomId(): string {
    return this.#options.roomId;
  }

  /** Open, or about to be. */
  hasMicrophone(peer: Peer): boolean {
    return this.#speakers.get(peer.accountId)?.peer === peer;
  }

  get peers(): Peer[] {
    return [...this.#peers.values()];
  }

  addPeer(peer: Peer): void {
    this.#peers.set(peer.id, peer);
    peer.setVoices(this.#voicesFor(peer));
    this.#wantedChanged();
  }

  async removePeer(peer: Peer): Promise<void> {
    this.#peers.delete(peer.id);
    this.#wantedChanged();
    const speaker = this.#takeSpeaker(peer);
    for (const [finishing, of] of this.#finishing) {
      if (of === peer) void finishing.close();
    }
    this.#voicesChanged();
    this.closeIfEmpty();
    await speaker?.close();
  }

  readerCame(): void {
    for (const { speaker } of this.#speakers.values()) speaker?.repeatNotices();
    this.#wantedChanged();
  }

  readerLeft(): void {
    this.#wantedChanged();
  }

  /** Whether `accountId` hears the others in `language`, on any of their clients. */
  hears(accountId: string, language: LanguageTag): boolean {
    for (const peer of this.#peers.values()) {
      if (peer.accountId === accountId && peer.hear === language) return true;
    }
    return false;
  }

  async openMicrophone(peer: Peer, produce: () => Promise<Microphone>): Promise<string> {
    const open = this.#speakers.get(peer.accountId);
    if (open && (open.peer === peer || open.peer.attached)) {
      throw new AppError(
        "MICROPHONE_ALREADY_OPEN",
        "Your microphone is already open in this room.",
      );
    }
    // What is left of a page that was closed or reloaded gives way to the one that is there.
    open?.peer.close("replaced");
    const entry: { peer: Peer; speaker: Speaker | undefined } = { peer, speaker: undefined };
    this.#speakers.set(peer.accountId, entry);
    let microphone: Microphone | undefined;
    try {
      microphone = await produce();
      // Whoever changes their mind meanwhile has the last word.
      for (let muted = false; muted !== peer.muted && !peer.closed;) {
        muted = peer.muted;
        await (muted ? microphone.pause() : microphone.resume());
      }
      if (this.#speakers.get(peer.accountId) !== entry) {
        throw new AppError("PRODUCER_NOT_FOUND", "The microphone was closed before it was open.");
      }
      entry.speaker = this.#createSpeaker(peer, microphone);
      this.#voicesChanged();
      // Others may have seen the one before muted.
      this.#options.publish({ type: "muted", accountId: peer.accountId, muted: peer.muted });
      return microphone.id;
    } catch (error) {
      microphone?.close();
      if (this.#speakers.get(peer.accountId) === entry) this.#speakers.delete(peer.accountId);
      if (peer.closed) throw new AppError("PEER_NOT_FOUND", "The call has ended.");
      throw error;
    }
  }

  /** What was said until now is still interpreted to its end. */
  closeMicrophone(peer: Peer): void {
    const speaker = this.#takeSpeaker(peer);
    if (!speaker) return;
    this.#finishing.set(speaker, peer);
    void speaker.finish().finally(() => {
      this.#finishing.delete(speaker);
      this.#voicesChanged();
    });
    this.#voicesChanged();
  }

  async setMuted(peer: Peer, muted: boolean): Promise<void> {
    peer.setMuted(muted);
    const entry = this.#speakers.get(peer.accountId);
    if (entry?.peer !== peer) return;
    try {
      await entry.speaker?.setMuted(muted);
    } catch (error) {
      // The microphone may have been closed meanwhile, or been lost with the peer.
      if (this.#speakers.get(peer.accountId) === entry) throw error;
      return;
    }
    this.#options.publish({ type: "muted", accountId: peer.accountId, muted });
  }

  setLanguages(peer: Peer, languages: { speak?: LanguageTag; hear?: LanguageTag | null }): void {
    if (languages.hear !== undefined) peer.hear = languages.hear;
    if (languages.speak !== undefined) {
      peer.speak = languages.speak;
      const entry = this.#speakers.get(peer.accountId);
      if (entry?.peer === peer) entry.speaker?.setLanguage(languages.speak);
    }
    this.#wantedChanged();
    this.#voicesChanged();
  }

  closeIfEmpty(): void {
    if (this.#peers.size === 0) this.#options.onEmpty();
  }

  close(reason: "media-restarted" | "server-closing"): void {
    for (const peer of this.peers) peer.close(reason);
  }

  #takeSpeaker(peer: Peer): Speaker | undefined {
    const entry = this.#speakers.get(peer.accountId);
    if (entry?.peer !== peer) return undefined;
    this.#speakers.delete(peer.accountId);
    return entry.speaker;
  }

  #createSpeaker(peer: Peer, microphone: Microphone): Speaker {
    const { roomId, media, engines, voiceActivity, bus, record, log, publish, readLanguages } =
      this.#options;
    const { accountId } = peer;
    const heard = () => [
      ...new Set(
        this.peers.flatMap(({ accountId: listener, hear }) =>
          listener === accountId || hear === null ? [] : [hear],
        ),
      ),
    ];
    return new Speaker({
      roomId,
      accountId,
      name: () => peer.name,
      language: peer.speak,
      microphone,
      muted: peer.muted,
      media,
      engines,
      voiceActivity,
      bus,
      record,
      log,
      wanted: {
        text: () => [...new Set([...readLanguages(), ...heard()])],
        voice: heard,
        onChange: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
      },
      onSpeaking: (speaking) => publish({ type: "speaking", accountId, speaking }),
      onVoices: () => this.#voicesChanged(),
    });
  }

  /** Everyone's original but one's own; of those in another language, the interpreter one hears. */
  #voicesFor(peer: Peer): Voice[] {
    const { hear } = peer;
    const speaking = Array.from(this.#speakers.values(), ({ speaker }) => speaker ?? []).flat();
    return [...speaking, ...this.#finishing.keys()].flatMap((speaker) => {
      if (speaker.accountId === peer.accountId) return [];
      const interpreted = hear !== null && !sameLanguage(hear, speaker.language);
      return speaker.voices.filter(
        (voice) => voice.kind === "original" || (interpreted && voice.language === hear),
      );
    });
  }

  #voicesChanged(): void {
    for (const peer of this.#peers.values()) peer.setVoices(this.#voicesFor(peer));
  }

  #wantedChanged(): void {
    for (const listener of this.#listeners) listener();
  }
}

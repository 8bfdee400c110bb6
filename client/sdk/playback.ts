import { defaultVolumes } from "../../shared/account.ts";
import type { Voice } from "../../shared/call.ts";
import type { Volumes } from "./call.ts";
import { approach, TalkingInterpreters, targetVolume } from "./ducking.ts";
import { ParleyError } from "./parley-error.ts";
import { createVoiceSinks, type VoiceSink, type VoiceSinks } from "./voice-sink.ts";

const DEFAULT_VOLUMES: Volumes = {
  original: defaultVolumes.originalVolume,
  interpreter: defaultVolumes.interpreterVolume,
};

const TICK_MS = 40;

type Played = { voice: Voice; sink: VoiceSink; volume: number };

export type PlaybackOptions = {
  volumes?: Partial<Volumes>;
  /** The browser plays nothing before the page is touched. Told once until it plays again. */
  onBlocked: (error: ParleyError) => void;
  createSinks?: () => VoiceSinks;
};

/** Plays voices, each as loud as it should be: originals give way to their interpreters. */
export class Playback {
  readonly #onBlocked: (error: ParleyError) => void;
  readonly #createSinks: () => VoiceSinks;
  readonly #played = new Set<Played>();
  readonly #talking = new TalkingInterpreters();
  #sinks: VoiceSinks | undefined;
  #volumes: Volumes;
  #blocked = false;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #lastTick = 0;

  constructor(options: PlaybackOptions) {
    this.#onBlocked = options.onBlocked;
    this.#createSinks = options.createSinks ?? createVoiceSinks;
    this.#volumes = { ...DEFAULT_VOLUMES, ...options.volumes };
  }

  get volumes(): Readonly<Volumes> {
    return this.#volumes;
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  /** Sets the volumes given and keeps the others; each is brought between 0 and 1. */
  setVolumes({ original, interpreter }: Partial<Volumes>): void {
    this.#volumes = {
      original: within(original ?? this.#volumes.original),
      interpreter: within(interpreter ?? this.#volumes.interpreter),
    };
    this.#tick();
  }

  /** Gives what ends it. */
  add(voice: Voice, track: MediaStreamTrack): () => void {
    this.#sinks ??= this.#createSinks();
    const sink = this.#sinks.open(track, { metered: voice.kind === "interpreter" });
    const volume = targetVolume(voice, this.#volumes, this.#interpreted(voice));
    sink.setVolume(volume);
    const played: Played = { voice, sink, volume };
    this.#played.add(played);
    void this.#play(played);
    this.#schedule();
    return () => this.#remove(played);
  }

  /** To be called from a click or key press. Rejects with PLAYBACK_BLOCKED when that didn't help. */
  async resume(): Promise<void> {
    const played = Array.from(this.#played, ({ sink }) => sink.play());
    const refused = (await Promise.allSettled(played)).find(({ status }) => status === "rejected");
    this.#blocked = refused !== undefined;
    if (refused?.status === "rejected") throw blockedError(refused.reason);
  }

  close(): void {
    for (const played of this.#played) this.#remove(played);
    this.#stopTicking();
    this.#sinks?.close();
    this.#sinks = undefined;
  }

  #remove(played: Played): void {
    if (!this.#played.delete(played)) return;
    played.sink.close();
    this.#schedule();
  }

  async #play(played: Played): Promise<void> {
    try {
      await played.sink.play();
    } catch (cause) {
      // Ended before it began, or told already.
      if (!this.#played.has(played) || this.#blocked) return;
      this.#blocked = true;
      this.#onBlocked(blockedError(cause));
    }
  }

  #interpreted({ accountId }: Voice): boolean {
    return this.#talking.has(accountId, performance.now());
  }

  /** Volumes move only while there is an interpreter, and for a moment after the last one left. */
  #schedule(): void {
    if (this.#sinks === undefined || this.#ticking !== undefined) return;
    this.#lastTick = performance.now();
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    const now = performance.now();
    const elapsedMs = Math.min(now - this.#lastTick, 4 * TICK_MS);
    this.#lastTick = now;
    let settled = true;
    for (const { voice, sink } of this.#played) {
      if (voice.kind !== "interpreter") continue;
      settled = false;
      this.#talking.heard(voice.accountId, sink.level(), now);
    }
    for (const played of this.#played) {
      const interpreted = this.#interpreted(played.voice);
      const target = targetVolume(played.voice, this.#volumes, interpreted);
      if (interpreted || played.volume !== target) settled = false;
      if (played.volume === target) continue;
      played.volume = approach(played.volume, target, elapsedMs);
      played.sink.setVolume(played.volume);
    }
    if (settled) this.#stopTicking();
    else this.#schedule();
  }

  #stopTicking(): void {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }
}

function within(volume: number): number {
  return Math.min(1, Math.max(0, volume));
}

function blockedError(cause?: unknown): ParleyError {
  const message = "The browser plays no sound until the page is touched.";
  return new ParleyError("PLAYBACK_BLOCKED", message, { cause });
}

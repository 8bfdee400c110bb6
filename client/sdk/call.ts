import type { CaptionEvent, Voice } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Observable } from "./emitter.ts";
import type { MicrophoneSource } from "./microphone.ts";
import type { ParleyError } from "./parley-error.ts";

/** From 0, silent, to 1, as it was sent. */
export type Volumes = {
  /** Of a speaker's own voice while the interpreter speaks for them; else it is played in full. */
  original: number;
  interpreter: number;
};

export type CallLanguages = {
  /** Absent: the account's language. */
  speak?: LanguageTag;
  /** Absent: the account's language. `null`: originals only. */
  hear?: LanguageTag | null;
  /** Absent: the account's language. `null`: no translated captions. */
  read?: LanguageTag | null;
};

export type CallOptions = CallLanguages & {
  /** Opened while joining; when that fails, joining does. Absent: `openMicrophone` does it later. */
  microphone?: MicrophoneSource;
  volumes?: Partial<Volumes>;
  /**
   * Sends next to nothing while there is silence (Opus DTX): a fifth of the packets for everyone on
   * the way. On by default; `false` sends what a quiet room sounds like.
   */
  discontinuous?: boolean;
};

export type CallState = "connecting" | "connected" | "reconnecting" | "closed";

/** How far the interpreter's voice is behind the speaker. */
export type Lag = {
  /** The speaker. */
  accountId: string;
  language: LanguageTag;
  /** From the end of a clause in the speaker's mouth to its start in the interpreter's voice. */
  lagMs: number;
  /** 1 is natural; above, the voice hurries to catch up. */
  rate: number;
};

export type CallEvents = {
  state: CallState;
  caption: CaptionEvent;
  /**
   * Captions come from now on; those from before are to be had from `parley.transcript`. Comes again
   * after an interruption that was too long for what came meanwhile to be sent.
   */
  captionsReady: undefined;
  lag: Lag;
  /** Somebody in the room, oneself too, started or stopped speaking. */
  speaking: { accountId: string; speaking: boolean };
  muted: boolean;
  /** The microphone was opened or closed, by whomever. */
  microphone: boolean;
  /** All that this client should be playing. */
  voices: readonly Voice[];
  /**
   * Something failed that no function call was waiting for. When `state` is then `closed`, the call
   * ended because of it; else it goes on, or comes back by itself.
   */
  error: ParleyError;
};

/**
 * One client's part in a room's call. It comes back by itself from cut networks and restarted
 * servers, with its microphone, and says so by `state`. All functions reject with a ParleyError.
 */
export interface Call extends Observable<CallEvents> {
  readonly roomId: string;
  readonly state: CallState;
  readonly muted: boolean;
  readonly microphoneOpen: boolean;
  readonly voices: readonly Voice[];
  readonly volumes: Readonly<Volumes>;
  /** Whether the browser refuses to play before the person touches the page. */
  readonly playbackBlocked: boolean;

  /** Opens the microphone, or, when it is open, goes over to another one. */
  openMicrophone(source?: MicrophoneSource): Promise<void>;
  closeMicrophone(): Promise<void>;
  /** Goes over to another microphone; nobody hears a gap. */
  setDevice(deviceId: string): Promise<void>;
  /** Nothing leaves this device from the moment of the call, even if the server can't be told yet. */
  mute(muted: boolean): Promise<void>;
  setLanguages(languages: CallLanguages): Promise<void>;
  setVolume(volumes: Partial<Volumes>): void;
  /** To be called from a click or key press after an error with the reason PLAYBACK_BLOCKED. */
  resumePlayback(): Promise<void>;
  /** Ends this client's part. Never fails, and leaving twice is leaving once. */
  leave(): Promise<void>;
}

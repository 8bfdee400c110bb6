import type { CaptionEvent, Voice } from "../../../../shared/call.ts";
import type { Caption } from "../../../../shared/caption.ts";
import type { LanguageTag } from "../../../../shared/language.ts";
import type { RoomPreview } from "../../../../shared/room.ts";
import {
  type Call,
  type CallLanguages,
  type CallState,
  type Lag,
  type Parley,
  type ParleyError,
  type Room,
  type RoomState,
  toParleyError,
  type Volumes,
} from "../../../sdk/index.ts";
import { Store } from "../../store.ts";
import {
  type CaptionList,
  emptyCaptionList,
  reduceCaptions,
  without,
  withKept,
} from "./caption-list.ts";
import { enterRoom, type RoomKey } from "./room-entry.ts";

/** How long a lag is shown after the interpreter's last clause. Later it says nothing about now. */
const LAG_SHOWN_MS = 20_000;

export type MicrophoneState = "off" | "connecting" | "on" | "muted";

/** How a stay ended, or a wait at the door, that one did not end oneself. */
export type Departure = "turned away" | "kicked" | "banned" | "left" | "removed";

export type VisitState = {
  /** `refused`: there is no such room, or one may not enter it. `out`: it is over. */
  phase: "joining" | "waiting" | "inside" | "refused" | "out";
  refusal?: ParleyError;
  departure?: Departure;
  /** The room that one waits to be let into, as far as it is known. */
  waitingFor?: RoomPreview;
  room?: RoomState;
  /** `absent`: the room is there to be read and written in, but there is no call. */
  call: CallState | "absent";
  microphone: MicrophoneState;
  playbackBlocked: boolean;
  volumes?: Readonly<Volumes>;
  /** The voices of those whose microphone is open. */
  speaks: ReadonlyMap<string, Voice>;
  lags: ReadonlyMap<string, Lag>;
  captions: CaptionList;
  /** How often live captions have begun, or begun anew after a gap. */
  captionsBegun: number;
  /** What failed last, until it is dismissed or has succeeded. */
  fault?: ParleyError;
};

const initialState: VisitState = {
  phase: "joining",
  call: "connecting",
  microphone: "off",
  playbackBlocked: false,
  speaks: new Map(),
  lags: new Map(),
  captions: emptyCaptionList,
  captionsBegun: 0,
};

export type VisitOptions = CallLanguages & {
  volumes?: Partial<Volumes>;
  /** Told of each call that is joined, and of its end. */
  onCall?: (call: Call | undefined) => void;
};

/** One stay in a room: its people, its call and what is said there, as the screen shows it. */
export class Visit {
  readonly roomId: string;
  readonly #parley: Parley;
  readonly #options: VisitOptions;
  readonly #store = new Store<VisitState>(initialState);
  readonly #lagTimers = new Map<string, ReturnType<typeof setTimeout>>();
  #languages: CallLanguages;
  #room: Room | undefined;
  #call: Call | undefined;
  #unfollow: (() => void)[] = [];
  /** Aborted when the visit is closed. A new one each time that it is opened. */
  #closing = new AbortController();

  constructor(parley: Parley, roomId: string, options: VisitOptions) {
    const { volumes: _volumes, onCall: _onCall, ...languages } = options;
    this.#parley = parley;
    this.roomId = roomId;
    this.#options = options;
    this.#languages = languages;
  }

  get state(): VisitState {
    return this.#store.state;
  }

  get subscribe() {
    return this.#store.subscribe;
  }

  /**
   * Goes into the room and its call. Never rejects: what goes wrong is in the state. A visit that
   * was refused or closed can be opened again.
   */
  async open(key: RoomKey = {}): Promise<void> {
    // The door stays where it is while somebody tries a password at it.
    const { phase, refusal } = this.state;
    const isTrying = phase === "refused" && key.password !== undefined;
    this.close();
    this.#closing = new AbortController();
    const { signal } = this.#closing;
    this.#change({
      ...initialState,
      ...(isTrying && { phase }),
      refusal: isTrying ? refusal : undefined,
      departure: undefined,
      waitingFor: undefined,
      room: undefined,
      fault: undefined,
    });
    const onWaiting = (waitingFor: RoomPreview | undefined) => {
      if (!signal.aborted) this.#change({ phase: "waiting", waitingFor });
    };
    const entry = await enterRoom(this.#parley, this.roomId, key, { signal, onWaiting });
    if (signal.aborted) return;
    if (entry.outcome === "refused") this.#change({ phase: "refused", refusal: entry.error });
    else if (entry.outcome === "turned away") this.#depart("turned away");
    else {
      this.#followRoom();
      await this.joinCall();
    }
  }

  /** Takes part in the call, listening. Also what brings one back when the call has ended. */
  async joinCall(): Promise<void> {
    const { signal } = this.#closing;
    this.#change({ call: "connecting", fault: undefined });
    try {
      const { volumes } = this.#options;
      const call = await this.#parley.call.join(this.roomId, {
        ...this.#languages,
        volumes: this.state.volumes ?? volumes,
      });
      if (signal.aborted) await call.leave();
      else this.#follow(call);
    } catch (thrown) {
      if (!signal.aborted) this.#change({ call: "absent", fault: toParleyError(thrown) });
    }
  }

  /** Leaves the call and stops following the room. Closing twice is closing once. */
  close(): void {
    this.#closing.abort();
    this.#room?.close();
    this.#room = undefined;
    void this.#call?.leave();
    if (this.#call) this.#forgetCall();
  }

  async switchMicrophone(deviceId?: string): Promise<void> {
    const call = this.#call;
    if (!call || this.state.microphone === "connecting") return;
    if (call.microphoneOpen) {
      await this.#attempt(() => call.closeMicrophone());
      return;
    }
    this.#change({ microphone: "connecting" });
    await this.#attempt(async () => {
      // Whoever presses "speak" wants to be heard, whatever they did before.
      if (call.muted) await call.mute(false);
      await call.openMicrophone(deviceId === undefined ? true : { deviceId });
    });
    this.#change({ microphone: microphoneOf(call) });
  }

  async switchMute(): Promise<void> {
    const call = this.#call;
    if (call?.microphoneOpen) await this.#attempt(() => call.mute(!call.muted));
  }

  /** Goes over to another microphone, at once when one is open. */
  async setDevice(deviceId: string | undefined): Promise<void> {
    const call = this.#call;
    if (!call?.microphoneOpen) return;
    await this.#attempt(() =>
      deviceId === undefined ? call.openMicrophone() : call.setDevice(deviceId),
    );
  }

  async setLanguages(languages: CallLanguages): Promise<void> {
    this.#languages = { ...this.#languages, ...languages };
    const call = this.#call;
    if (call) await this.#attempt(() => call.setLanguages(languages));
  }

  setVolume(volumes: Partial<Volumes>): void {
    const call = this.#call;
    if (!call) return;
    call.setVolume(volumes);
    this.#change({ volumes: { ...call.volumes } });
  }

  async resumePlayback(): Promise<void> {
    const call = this.#call;
    if (!call) return;
    await this.#attempt(() => call.resumePlayback());
    this.#change({ playbackBlocked: call.playbackBlocked });
  }

  /** Shows what went wrong with something that the screen did by itself. */
  readonly report = (thrown: unknown): void => {
    this.#change({ fault: toParleyError(thrown) });
  };

  /** Puts captions that were kept among those that have been said since one came. */
  addCaptions(kept: readonly Caption[]): void {
    this.#change({ captions: withKept(this.state.captions, kept) });
  }

  /** Takes away what is kept no longer. */
  dropCaption(captionId: string): void {
    this.#change({ captions: without(this.state.captions, captionId) });
  }

  dismissFault(): void {
    this.#change({ fault: undefined });
  }

  #followRoom(): void {
    const room = this.#parley.room(this.roomId);
    this.#room = room;
    room.on("state", (state) => this.#change({ room: state }));
    room.on("left", ({ accountId, why }) => {
      if (accountId === this.#parley.account?.id) this.#depart(why ?? "left");
    });
    room.on("removed", () => this.#depart("removed"));
    room.on("ended", (refusal) => {
      this.#change({ phase: "refused", refusal });
      void this.#call?.leave();
    });
    this.#change({ phase: "inside" });
  }

  #depart(departure: Departure): void {
    this.close();
    this.#change({ phase: "out", departure });
  }

  #follow(call: Call): void {
    this.#call = call;
    this.#options.onCall?.(call);
    const microphone = () => this.#change({ microphone: microphoneOf(call) });
    this.#unfollow = [
      call.on("state", (state) => this.#callChanged(state)),
      call.on("caption", (event) => this.#caption(event)),
      call.on("captionsReady", () => {
        this.#change({ captionsBegun: this.state.captionsBegun + 1 });
      }),
      call.on("lag", (lag) => this.#lag(lag)),
      call.on("muted", microphone),
      call.on("microphone", microphone),
      call.on("voices", (voices) => this.#change({ speaks: originals(voices) })),
      call.on("error", (error) => {
        // That has a message and a button of its own.
        if (error.reason === "PLAYBACK_BLOCKED") this.#change({ playbackBlocked: true });
        else this.#change({ fault: error });
      }),
    ];
    this.#change({
      volumes: { ...call.volumes },
      microphone: microphoneOf(call),
      playbackBlocked: call.playbackBlocked,
      speaks: originals(call.voices),
    });
    this.#callChanged(call.state);
  }

  #callChanged(state: CallState): void {
    this.#change({ call: state });
    if (state !== "closed") return;
    this.#forgetCall();
    this.#change({ microphone: "off", speaks: new Map(), lags: new Map() });
  }

  #forgetCall(): void {
    for (const stop of this.#unfollow) stop();
    this.#unfollow = [];
    for (const timer of this.#lagTimers.values()) clearTimeout(timer);
    this.#call = undefined;
    this.#options.onCall?.(undefined);
  }

  #caption(event: CaptionEvent): void {
    // Who isn't understood is so in the language that they speak; the event needn't name it.
    const known =
      event.type === "notice" && event.notice === "recogniser-unavailable"
        ? { ...event, language: event.language ?? this.#languageOf(event.speaker.accountId) }
        : event;
    this.#change({ captions: reduceCaptions(this.state.captions, known) });
  }

  #languageOf(accountId: string): LanguageTag | undefined {
    if (accountId === this.#parley.account?.id && this.#languages.speak) {
      return this.#languages.speak;
    }
    const member = this.state.room?.room.members.find((one) => one.accountId === accountId);
    return (this.state.speaks.get(accountId) ?? member)?.language;
  }

  #lag(lag: Lag): void {
    const { accountId } = lag;
    clearTimeout(this.#lagTimers.get(accountId));
    this.#lagTimers.set(
      accountId,
      setTimeout(() => {
        const lags = new Map(this.state.lags);
        lags.delete(accountId);
        this.#change({ lags });
      }, LAG_SHOWN_MS),
    );
    this.#change({ lags: new Map(this.state.lags).set(accountId, lag) });
  }

  /** Shows what goes wrong; what succeeds takes an older fault away. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      if (this.state.fault) this.#change({ fault: undefined });
    } catch (thrown) {
      this.#change({ fault: toParleyError(thrown) });
    }
  }

  #change(part: Partial<VisitState>): void {
    this.#store.change(part);
  }
}

function microphoneOf(call: Call): MicrophoneState {
  if (!call.microphoneOpen) return "off";
  return call.muted ? "muted" : "on";
}

function originals(voices: readonly Voice[]): ReadonlyMap<string, Voice> {
  const spoken = voices.filter(({ kind }) => kind === "original");
  return new Map(spoken.map((voice) => [voice.accountId, voice]));
}

import type { Device } from "mediasoup-client";
import type { CaptionEvent, Voice } from "../../shared/call.ts";
import type { Call, CallEvents, CallLanguages, CallOptions, CallState, Volumes } from "./call.ts";
import { CallMicrophone } from "./call-microphone.ts";
import { CallSettings } from "./call-settings.ts";
import { CallSession } from "./call-session.ts";
import { CaptionFeed } from "./caption-feed.ts";
import type { ServerConnection } from "./connection.ts";
import { Emitter } from "./emitter.ts";
import type { captureMicrophone, MicrophoneSource } from "./microphone.ts";
import { ParleyError, toParleyError } from "./parley-error.ts";
import { Playback } from "./playback.ts";
import type { Rooms } from "./room.ts";
import { isLost, SessionKeeper } from "./session-keeper.ts";
import type { VoiceSinks } from "./voice-sink.ts";

export type CallDependencies = {
  connection: Pick<ServerConnection, "api" | "state" | "on">;
  rooms: Pick<Rooms, "open">;
  /** What browsers have and other places don't. */
  createDevice?: () => Promise<Device>;
  createSinks?: () => VoiceSinks;
  capture?: typeof captureMicrophone;
};

export async function joinCall(
  deps: CallDependencies,
  roomId: string,
  options: CallOptions,
): Promise<Call> {
  const call = new LiveCall(deps, roomId, options);
  await call.start();
  return call;
}

class LiveCall implements Call {
  readonly roomId: string;
  readonly #deps: CallDependencies;
  readonly #options: CallOptions;
  readonly #emitter = new Emitter<CallEvents>();
  readonly #playback: Playback;
  readonly #microphone: CallMicrophone;
  readonly #keeper: SessionKeeper<CallSession>;
  readonly #captions: CaptionFeed;
  readonly #settings: CallSettings;
  readonly #cleanups: (() => void)[] = [];
  #state: CallState = "connecting";
  #wasConnected = false;
  /** Whether events of the present session flow. */
  #following = false;
  #healthy = true;
  #voices: readonly Voice[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: CallDependencies, roomId: string, options: CallOptions) {
    const { volumes, speak, hear, read } = options;
    this.#deps = deps;
    this.roomId = roomId;
    this.#options = options;
    const onError = (error: ParleyError) => this.#emitter.emit("error", error);
    this.#playback = new Playback({ volumes, onBlocked: onError, createSinks: deps.createSinks });
    this.#microphone = new CallMicrophone({
      publish: () => this.#publish(),
      onChange: (open) => this.#emitter.emit("microphone", open),
      onError,
      capture: deps.capture,
    });
    const { api } = deps.connection;
    this.#settings = new CallSettings({
      api,
      languages: { speak, hear, read },
      inTurn: (work) => this.#inTurn(({ peerId }) => work(peerId)),
      onMuted: (muted) => {
        this.#keeper.session?.media.setMuted(muted);
        this.#emitter.emit("muted", muted);
      },
    });
    this.#keeper = new SessionKeeper({
      open: () => this.#openSession(),
      prepare: () => this.#prepareSession(),
      forget: (peerId, signal) => api.call.leave.mutate({ peerId }, { signal }),
      onChange: () => this.#setFollowing(false),
      onEnded: (error) => void this.#end(error),
    });
    this.#captions = new CaptionFeed({
      api,
      roomId,
      onCaption: (event) => this.#receiveCaption(event),
      onReady: () => this.#emitter.emit("captionsReady", undefined),
      onError,
    });
  }

  get state(): CallState {
    return this.#state;
  }

  get muted(): boolean {
    return this.#settings.muted;
  }

  get microphoneOpen(): boolean {
    return this.#microphone.track !== undefined;
  }

  get voices(): readonly Voice[] {
    return this.#voices;
  }

  get volumes(): Readonly<Volumes> {
    return this.#playback.volumes;
  }

  get playbackBlocked(): boolean {
    return this.#playback.blocked;
  }

  on<Name extends keyof CallEvents>(
    name: Name,
    listener: (event: CallEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Rejects when the call can't be joined; then nothing is left of it. */
  async start(): Promise<void> {
    const { connection, rooms } = this.#deps;
    try {
      const { microphone: source } = this.#options;
      // First: who is asked for a microphone and refuses shall not appear in the call.
      if (source !== undefined) await this.#microphone.open(source);
      await this.#keeper.start();
    } catch (error) {
      await this.#end();
      throw toParleyError(error);
    }
    const room = rooms.open(this.roomId);
    this.#cleanups.push(
      room.on("speaking", ({ accountId, speaking }) =>
        this.#emitter.emit("speaking", { accountId, speaking }),
      ),
      () => room.close(),
      connection.on("state", (state) => {
        if (state === "connected") this.#updateState();
        else this.#setFollowing(false);
      }),
    );
    this.#captions.follow(this.#settings.languages.read);
    const leave = () => void this.leave();
    globalThis.addEventListener?.("pagehide", leave);
    this.#cleanups.push(() => globalThis.removeEventListener?.("pagehide", leave));
  }

  async openMicrophone(source: MicrophoneSource = true): Promise<void> {
    await this.#attempt(() => this.#microphone.open(source));
  }

  async closeMicrophone(): Promise<void> {
    await this.#attempt(() => this.#microphone.close());
  }

  async setDevice(deviceId: string): Promise<void> {
    await this.#attempt(() => this.#microphone.setDevice(deviceId));
  }

  async mute(muted: boolean): Promise<void> {
    await this.#attempt(() => this.#settings.mute(muted));
  }

  async setLanguages(languages: CallLanguages): Promise<void> {
    await this.#attempt(async () => {
      const told = this.#settings.setLanguages(languages);
      if (languages.read !== undefined) this.#captions.follow(languages.read);
      await told;
    });
  }

  setVolume(volumes: Partial<Volumes>): void {
    this.#playback.setVolumes(volumes);
  }

  async resumePlayback(): Promise<void> {
    await this.#attempt(() => this.#playback.resume());
  }

  async leave(): Promise<void> {
    await this.#end();
  }

  async #openSession(): Promise<CallSession> {
    const { connection, createDevice = createBrowserDevice } = this.#deps;
    this.#healthy = true;
    return await CallSession.open({
      api: connection.api,
      playback: this.#playback,
      createDevice,
      roomId: this.roomId,
      languages: this.#settings.takeLanguages(),
      discontinuous: this.#options.discontinuous ?? true,
      onVoices: (voices) => this.#receiveVoices(voices),
      onMuted: (muted) => this.#inBackground(this.#settings.receiveMuted(muted)),
      onHealth: (healthy) => {
        this.#healthy = healthy;
        this.#updateState();
      },
      onLost: (error) => void this.#keeper.replace(error),
      onEnded: (error) => void this.#end(error),
      onError: (error) => this.#emitter.emit("error", error),
    });
  }

  /** A microphone that is refused for good does not keep the call from coming back. */
  async #prepareSession(): Promise<void> {
    await this.#settings.prepare();
    try {
      await this.#publish();
    } catch (thrown) {
      const error = toParleyError(thrown);
      if (!this.#wasConnected || error.retryable) throw error;
      this.#microphone.drop();
      this.#emitter.emit("error", error);
    }
  }

  async #end(error?: ParleyError): Promise<void> {
    if (this.#keeper.closed) return;
    // What ends a call from outside has ended the peer.
    const left = this.#keeper.close({ serverKnows: error !== undefined });
    this.#captions.close();
    for (const cleanUp of this.#cleanups) cleanUp();
    this.#playback.close();
    this.#microphone.dispose();
    this.#updateState();
    if (error) this.#emitter.emit("error", error);
    await left;
  }

  #receiveVoices(voices: readonly Voice[]): void {
    this.#voices = voices;
    this.#setFollowing(true);
    this.#emitter.emit("voices", voices);
    this.#inBackground(this.#settings.repeat());
  }

  async #publish(): Promise<void> {
    await this.#inTurn(async ({ media }) => {
      const { track } = this.#microphone;
      if (!track) await media.stopSending();
      else if (media.sending !== track) await media.send(track, () => this.muted);
    });
  }

  /**
   * Works on the present session, if there is one. The next one is brought to the same state, so
   * that nothing has failed when the session is found to be lost.
   */
  #inTurn(work: (session: CallSession) => Promise<void>): Promise<void> {
    const turn = this.#queue.then(async () => {
      const { session } = this.#keeper;
      if (!session) return;
      try {
        await work(session);
      } catch (error) {
        if (!isLost(toParleyError(error))) throw error;
        session.fail(error);
      }
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.#keeper.session?.fail(error));
  }

  #receiveCaption(event: CaptionEvent): void {
    this.#emitter.emit("caption", event);
    if (event.type !== "voice") return;
    const { speaker, language, lagMs, rate } = event;
    this.#emitter.emit("lag", { accountId: speaker.accountId, language, lagMs, rate });
  }

  #setFollowing(following: boolean): void {
    this.#following = following;
    this.#updateState();
  }

  #updateState(): void {
    const connected =
      this.#keeper.session !== undefined &&
      this.#following &&
      this.#healthy &&
      this.#deps.connection.state === "connected";
    if (connected) this.#wasConnected = true;
    const state = this.#keeper.closed
      ? "closed"
      : connected
        ? "connected"
        : this.#wasConnected
          ? "reconnecting"
          : "connecting";
    if (state === this.#state) return;
    this.#state = state;
    this.#emitter.emit("state", state);
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    if (this.#keeper.closed) throw new ParleyError("CALL_ENDED", "The call has ended.");
    try {
      await work();
    } catch (error) {
      throw toParleyError(error);
    }
  }
}

/** Loaded when it is needed: it is most of the SDK, and who only reads and writes never needs it. */
async function createBrowserDevice(): Promise<Device> {
  const { Device: BrowserDevice } = await import("mediasoup-client");
  return await BrowserDevice.factory();
}

import type { Device, types } from "mediasoup-client";
import type { CallEvent, Voice } from "../../shared/call.ts";
import type { CallLanguages } from "./call.ts";
import { CallMedia } from "./call-media.ts";
import type { Api } from "./connection.ts";
import { ParleyError, toParleyError } from "./parley-error.ts";
import type { Playback } from "./playback.ts";
import { isLost } from "./session-keeper.ts";
import { VoiceReconciler } from "./voice-reconciler.ts";

export type SessionListeners = {
  /** What should be playing. The first one says that events flow, also after a cut. */
  onVoices: (voices: Voice[]) => void;
  onMuted: (muted: boolean) => void;
  onHealth: (healthy: boolean) => void;
  /** The peer is gone or of no use any more; another one can take its place. */
  onLost: (error: ParleyError) => void;
  /** The peer is gone, and another one must not take its place. */
  onEnded: (error: ParleyError) => void;
  onError: (error: ParleyError) => void;
};

export type SessionOptions = SessionListeners & {
  api: Api;
  playback: Pick<Playback, "add">;
  createDevice: () => Promise<Device>;
  roomId: string;
  languages: Pick<CallLanguages, "speak" | "hear">;
  discontinuous: boolean;
};

/** One peer of ours at the server, from joining until it is lost or left. */
export class CallSession {
  readonly peerId: string;
  readonly media: CallMedia;
  readonly #options: SessionOptions;
  readonly #voices: VoiceReconciler<{ close: () => void }>;
  #stopFollowing: (() => void) | undefined;
  #closed = false;

  private constructor(
    options: SessionOptions,
    peer: { peerId: string; iceServers: { urls: string[] }[] },
    device: Device,
  ) {
    const { api, discontinuous } = options;
    this.#options = options;
    this.peerId = peer.peerId;
    this.media = new CallMedia({
      api,
      device,
      ...peer,
      discontinuous,
      onHealth: (healthy) => this.#unlessClosed(() => options.onHealth(healthy)),
      onLost: (error) => this.#unlessClosed(() => options.onLost(error)),
    });
    this.#voices = new VoiceReconciler({
      open: (voice, signal) => this.#receive(voice, signal),
      close: (open) => open.close(),
      onError: (error) => this.fail(error),
    });
  }

  static async open(options: SessionOptions): Promise<CallSession> {
    const { api, roomId, languages, createDevice } = options;
    // First, because without it there is no use in joining.
    const device = await createDevice();
    const { rtpCapabilities, ...peer } = await api.call.join.mutate({ roomId, ...languages });
    // What mediasoup gave the server is what mediasoup-client takes.
    await device.load({ routerRtpCapabilities: rtpCapabilities as types.RtpCapabilities });
    return new CallSession(options, peer, device);
  }

  /** Begins to play what the server says, and to tell the listeners. */
  follow(): void {
    const { api, onVoices, onMuted } = this.#options;
    const apply = (event: CallEvent) => {
      switch (event.type) {
        case "voices":
          this.#voices.set(event.voices);
          return onVoices(event.voices);
        case "muted":
          return onMuted(event.muted);
        case "closed":
          return this.#endedBy(event.reason);
      }
    };
    const subscription = api.call.onEvent.subscribe(
      { peerId: this.peerId },
      {
        onData: (event) => this.#unlessClosed(() => apply(event)),
        onError: (error) => this.fail(error),
        onComplete: () => this.fail(new ParleyError("PEER_NOT_FOUND", "The call has ended.")),
      },
    );
    this.#stopFollowing = () => subscription.unsubscribe();
  }

  /** Takes an error for what it means: a lost peer, or something to tell. */
  fail(thrown: unknown): void {
    const error = toParleyError(thrown);
    this.#unlessClosed(() => {
      if (isLost(error)) this.#options.onLost(error);
      else if (isFinal(error)) this.#options.onEnded(error);
      else this.#options.onError(error);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopFollowing?.();
    this.#voices.close();
    this.media.close();
  }

  async #receive(voice: Voice, signal: AbortSignal): Promise<{ close: () => void }> {
    const { playback } = this.#options;
    const consumer = await this.media.receive(voice);
    if (signal.aborted) return consumer;
    const remove = playback.add(voice, consumer.track);
    const close = () => {
      remove();
      consumer.close();
    };
    try {
      await this.media.start(consumer);
    } catch (error) {
      close();
      throw error;
    }
    return { close };
  }

  #endedBy(reason: Extract<CallEvent, { type: "closed" }>["reason"]): void {
    const { onLost, onEnded } = this.#options;
    switch (reason) {
      case "media-restarted":
        return onLost(new ParleyError("MEDIA_UNAVAILABLE", "The media server has restarted."));
      case "server-closing":
        return onLost(new ParleyError("SERVER_CLOSING", "The server is restarting."));
      case "replaced":
        return onEnded(new ParleyError("CALL_REPLACED", "The call goes on elsewhere."));
      case "removed":
        return onEnded(new ParleyError("CALL_REMOVED", "You are not in this room any more."));
      case "left":
        return onEnded(new ParleyError("CALL_ENDED", "The call has ended."));
    }
  }

  #unlessClosed(tell: () => void): void {
    if (!this.#closed) tell();
  }
}

/** Whether an error says that there is no call for us in this room any more. */
export function isFinal({ reason }: ParleyError): boolean {
  return reason === "ROOM_NOT_FOUND" || reason === "NOT_A_MEMBER" || reason === "NOT_SIGNED_IN";
}

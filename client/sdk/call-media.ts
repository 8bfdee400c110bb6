import type { Device, types } from "mediasoup-client";
import type { IceServer, RtpParametersInput, Voice } from "../../shared/call.ts";
import type { Api } from "./connection.ts";
import { recoverIce } from "./ice-recovery.ts";
import { ParleyError } from "./parley-error.ts";

type Direction = "send" | "receive";

export type CallMediaOptions = {
  api: Api;
  device: Device;
  peerId: string;
  iceServers: IceServer[];
  /** Sends nothing while there is silence. */
  discontinuous: boolean;
  /** Whether every transport that there is carries, or may soon. */
  onHealth: (healthy: boolean) => void;
  /** Media can't be brought back with this peer. */
  onLost: (error: ParleyError) => void;
};

/** The WebRTC of one peer: a transport a direction, each made when it is first needed. */
export class CallMedia {
  readonly #options: CallMediaOptions;
  readonly #transports = new Map<Direction, Promise<types.Transport>>();
  readonly #broken = new Set<string>();
  readonly #closing = new AbortController();
  #producer: types.Producer | undefined;
  /** Whether the server may have a microphone of ours that we don't know of. */
  #stray = false;

  constructor(options: CallMediaOptions) {
    this.#options = options;
  }

  get sending(): MediaStreamTrack | undefined {
    return this.#producer?.track ?? undefined;
  }

  /**
   * Sends `track` as the microphone, in place of the one that is being sent, if one is. `muted` tells
   * whether the microphone is muted at the moment: that may change while it is being opened.
   */
  async send(track: MediaStreamTrack, muted: () => boolean): Promise<void> {
    if (this.#producer) {
      await this.#producer.replaceTrack({ track });
      return;
    }
    const { api, peerId, discontinuous: opusDtx } = this.#options;
    const transport = await this.#transport("send");
    if (this.#stray) await api.call.closeProducer.mutate({ peerId });
    // A producer of a disabled track begins paused.
    track.enabled = !muted();
    this.#stray = true;
    this.#producer = await transport.produce({
      track,
      streamId: "microphone",
      stopTracks: false,
      // Two frames a packet: half the packets for everyone on the way, 20 ms later.
      codecOptions: { opusStereo: false, opusFec: true, opusDtx, opusPtime: 40 },
    });
    this.#stray = false;
    this.setMuted(muted());
  }

  async stopSending(): Promise<void> {
    if (!this.#producer) return;
    this.#producer.close();
    this.#producer = undefined;
    const { api, peerId } = this.#options;
    await api.call.closeProducer.mutate({ peerId });
  }

  /** Nothing leaves this device while muted. */
  setMuted(muted: boolean): void {
    if (muted) this.#producer?.pause();
    else this.#producer?.resume();
  }

  async receive(voice: Voice): Promise<types.Consumer> {
    const { api, device, peerId } = this.#options;
    const { producerId } = voice;
    const transport = await this.#transport("receive");
    const { consumerId, rtpParameters } = await api.call.consume.mutate({
      peerId,
      transportId: transport.id,
      producerId,
      rtpCapabilities: device.recvRtpCapabilities,
    });
    // A stream of its own, or browsers would keep voices back to play them in step.
    const options = { id: consumerId, producerId, kind: "audio", streamId: producerId } as const;
    return await transport.consume({
      ...options,
      rtpParameters: rtpParameters as types.RtpParameters,
    });
  }

  /** Lets a voice flow that `receive` has prepared. */
  async start(consumer: types.Consumer): Promise<void> {
    const { api, peerId } = this.#options;
    await api.call.resumeConsumer.mutate({ peerId, consumerId: consumer.id });
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    for (const transport of this.#transports.values()) {
      transport.then((open) => open.close()).catch(() => undefined);
    }
  }

  async #transport(direction: Direction): Promise<types.Transport> {
    const opening = this.#transports.get(direction) ?? this.#createTransport(direction);
    this.#transports.set(direction, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#transports.get(direction) === opening) this.#transports.delete(direction);
      throw error;
    }
  }

  async #createTransport(direction: Direction): Promise<types.Transport> {
    const { api, device, peerId, iceServers } = this.#options;
    const parameters = await api.call.createTransport.mutate({ peerId, direction });
    if (this.#closing.signal.aborted) throw new ParleyError("CALL_ENDED", "The call has ended.");
    const { id: transportId } = parameters;
    const transport =
      direction === "send"
        ? device.createSendTransport({ ...parameters, iceServers })
        : device.createRecvTransport({ ...parameters, iceServers });

    transport.on("connect", ({ dtlsParameters }, resolve, reject) => {
      api.call.connectTransport
        .mutate({ peerId, transportId, dtlsParameters })
        .then(resolve, reject);
    });
    transport.on("produce", (produced, resolve, reject) => {
      // The server checks the shape.
      const rtpParameters = produced.rtpParameters as RtpParametersInput;
      api.call.produce
        .mutate({ peerId, transportId, rtpParameters })
        .then(({ producerId }) => resolve({ id: producerId }), reject);
    });
    this.#watch(transport);
    return transport;
  }

  /** Tells of transports that break, and mends them. */
  #watch(transport: types.Transport): void {
    const { api, peerId, onLost } = this.#options;
    const { id: transportId } = transport;
    let mending: AbortController | undefined;

    const mend = async (signal: AbortSignal) => {
      const mended = await recoverIce({
        connected: () => transport.connectionState === "connected",
        restart: async () => {
          const input = { peerId, transportId };
          const { iceParameters } = await api.call.restartIce.mutate(input, { signal });
          if (!signal.aborted) await transport.restartIce({ iceParameters });
        },
        signal: AbortSignal.any([signal, this.#closing.signal]),
      });
      if (!mended) onLost(new ParleyError("CONNECTION_LOST", "The media server can't be reached."));
    };

    transport.on("connectionstatechange", (state) => {
      if (state === "connected") {
        mending?.abort();
        mending = undefined;
        this.#setBroken(transportId, false);
      } else if (state === "disconnected" || state === "failed") {
        this.#setBroken(transportId, true);
        if (mending) return;
        mending = new AbortController();
        void mend(mending.signal);
      }
    });
  }

  #setBroken(transportId: string, broken: boolean): void {
    if (this.#closing.signal.aborted || this.#broken.has(transportId) === broken) return;
    if (broken) this.#broken.add(transportId);
    else this.#broken.delete(transportId);
    this.#options.onHealth(this.#broken.size === 0);
  }
}

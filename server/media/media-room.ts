import type {
  DirectTransport,
  Producer,
  Router,
  RtpCapabilities,
  WebRtcServer,
  WebRtcTransport,
  Worker,
} from "mediasoup/types";
import type { AsyncQueue } from "../kit/async-queue.ts";
import { AppError } from "../kit/errors.ts";
import type { PcmFrame } from "../kit/pcm.ts";
import { createInletQueue, readInlet } from "./audio-inlet.ts";
import { AudioOutlet } from "./audio-outlet.ts";
import { ClientTransport } from "./client-transport.ts";
import type { Pacer } from "./pacer.ts";

export type MediaRoomOptions = {
  worker: Worker;
  router: Router;
  direct: DirectTransport;
  webRtcServer: WebRtcServer;
  pacer: Pacer;
};

/** One room's sound: the transports of its clients, what the server hears, and what it says. */
export class MediaRoom {
  readonly #options: MediaRoomOptions;
  readonly #router: Router;
  readonly #producers = new Set<string>();
  readonly #transports = new Set<WebRtcTransport>();

  constructor(options: MediaRoomOptions) {
    this.#options = options;
    this.#router = options.router;
    this.#router.observer.on("newtransport", (transport) => {
      transport.observer.on("newproducer", (producer) => this.#track(producer));
    });
    this.direct.observer.on("newproducer", (producer) => this.#track(producer));
  }

  /** Carries RTP between this process and the worker, for all inlets and outlets. */
  get direct(): DirectTransport {
    return this.#options.direct;
  }

  /** What a client loads its device with. */
  get rtpCapabilities(): RtpCapabilities {
    return this.#router.rtpCapabilities;
  }

  get closed(): boolean {
    return this.#router.closed;
  }

  /** The room's worker died, and all that was in the room with it. Whoever needs it opens it anew. */
  onLost(listener: () => void): void {
    this.#router.observer.once("close", () => {
      if (this.#options.worker.died) listener();
    });
  }

  /** Throws MEDIA_UNAVAILABLE when the room has closed. */
  async createTransport(): Promise<ClientTransport> {
    const { webRtcServer } = this.#options;
    const transport = await this.#router
      .createWebRtcTransport({ webRtcServer, preferUdp: true })
      .catch((cause: unknown) => {
        throw new AppError("MEDIA_UNAVAILABLE", "The call can't be set up now.", { cause });
      });
    this.#transports.add(transport);
    transport.observer.once("close", () => this.#transports.delete(transport));
    return new ClientTransport(transport, this.#producers);
  }

  /**
   * What a producer sends, 16 kHz mono, until `signal` aborts or the producer closes. Reading throws
   * PRODUCER_NOT_FOUND when there is no such producer in the room.
   */
  openInlet(producerId: string, { signal }: { signal: AbortSignal }): AsyncIterable<PcmFrame> {
    const queue = createInletQueue(signal);
    if (this.#producers.has(producerId)) void this.#startInlet(producerId, queue, signal);
    else queue.fail(new AppError("PRODUCER_NOT_FOUND", "There is no such voice to listen to."));
    return queue;
  }

  /** A new producer that sends what is written to it. Throws MEDIA_UNAVAILABLE in a closed room. */
  async openOutlet(): Promise<AudioOutlet> {
    return await AudioOutlet.create(this.direct, this.#options.pacer);
  }

  close(): void {
    // mediasoup's WebRtcServer never forgets a transport that closes with its router.
    for (const transport of this.#transports) transport.close();
    this.#router.close();
  }

  #track(producer: Producer): void {
    this.#producers.add(producer.id);
    producer.observer.once("close", () => this.#producers.delete(producer.id));
  }

  async #startInlet(
    producerId: string,
    queue: AsyncQueue<PcmFrame>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const { rtpCapabilities } = this.#router;
      const consumer = await this.direct.consume({ producerId, rtpCapabilities });
      const close = () => consumer.close();
      if (signal.aborted) return close();
      readInlet(consumer, queue);
      signal.addEventListener("abort", close, { once: true });
      consumer.observer.once("close", () => signal.removeEventListener("abort", close));
    } catch (error) {
      // A producer that closed meanwhile has nothing more to say.
      if (this.#producers.has(producerId)) queue.fail(error);
      else queue.end();
    }
  }
}

import {
  type DirectTransport,
  type Producer,
  type Router,
  type RtpCapabilities,
  type WebRtcServer,
} from "mediasoup/types";
import { type AsyncQueue } from "../kit/async-queue.ts";
import { AppError } from "../kit/errors.ts";
import { type PcmFrame } from "../kit/pcm.ts";
import { createInletQueue, readInlet } from "./audio-inlet.ts";
import { AudioOutlet } from "./audio-outlet.ts";
import { ClientTransport } from "./client-transport.ts";
import { type Pacer } from "./pacer.ts";

export type MediaRoomOptions = {
  router: Router;
  direct: DirectTransport;
  webRtcServer: WebRtcServer;
  pacer: Pacer;
};

/** One room's sound: the transports of its clients, what the server hears, and what it says. */
export class MediaRoom {
  readonly #router: Router;
  /** Carries RTP between this process and the worker. */
  readonly direct: DirectTransport;
  readonly #webRtcServer: WebRtcServer;
  readonly #pacer: Pacer;
  readonly #producers = new Set<string>();
  #closed = false;

  constructor({ router, direct, webRtcServer, pacer }: MediaRoomOptions) {
    this.#router = router;
    this.direct = direct;
    this.#webRtcServer = webRtcServer;
    this.#pacer = pacer;
    router.observer.on("newtransport", (transport) => {
      transport.observer.on("newproducer", (producer) => this.#track(producer));
    });
    direct.observer.on("newproducer", (producer) => this.#track(producer));
  }

  /** What a client loads its device with. */
  get rtpCapabilities(): RtpCapabilities {
    return this.#router.rtpCapabilities;
  }

  get closed(): boolean {
    return this.#router.closed;
  }

  /** The room's worker died, and all that was in the room with it. */
  onLost(listener: () => void): void {
    this.#router.observer.once("close", () => {
      if (!this.#closed) listener();
    });
  }

  async createTransport(): Promise<ClientTransport> {
    const transport = await this.#router
      .createWebRtcTransport({ webRtcServer: this.#webRtcServer })
      .catch((cause: unknown) => {
        throw new AppError("MEDIA_UNAVAILABLE", "The call can't be set up now.", { cause });
      });
    return new ClientTransport(transport, this.#producers);
  }

  /** What a producer sends, 16 kHz mono, until `signal` aborts or the producer closes. */
  openInlet(producerId: string, { signal }: { signal: AbortSignal }): AsyncIterable<PcmFrame> {
    const queue = createInletQueue(signal);
    void this.#startInlet(producerId, queue, signal);
    return queue;
  }

  /** A new producer that sends what is written to it. */
  async openOutlet(): Promise<AudioOutlet> {
    return await AudioOutlet.create(this.direct, this.#pacer);
  }

  close(): void {
    this.#closed = true;
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
      if (signal.aborted) consumer.close();
      else {
        readInlet(consumer, queue);
        signal.addEventListener("abort", () => consumer.close(), { once: true });
      }
    } catch (error) {
      queue.fail(error);
    }
  }
}

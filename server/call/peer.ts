import type { CallEvent, Voice } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import { AppError } from "../kit/errors.ts";
import { AsyncQueue } from "../kit/async-queue.ts";
import type { ClientTransport } from "../media/client-transport.ts";

type Direction = "send" | "receive";
type Consumer = Awaited<ReturnType<ClientTransport["consume"]>>;
type ClosedReason = Extract<CallEvent, { type: "closed" }>["reason"];

export type PeerOptions = {
  id: string;
  accountId: string;
  /** Of the client: when it ends, so does the peer. */
  sessionId: string;
  name: string;
  speak: LanguageTag;
  hear: LanguageTag | null;
  /** How long the peer lives while nobody subscribes to its events, in ms. */
  graceMs: number;
  onClose: (peer: Peer) => void;
};

/** One client in a room's call: its transports, what it consumes, and the events it is sent. */
export class Peer {
  readonly id: string;
  readonly accountId: string;
  readonly sessionId: string;
  name: string;
  speak: LanguageTag;
  hear: LanguageTag | null;
  muted = false;
  readonly #graceMs: number;
  readonly #onClose: (peer: Peer) => void;
  readonly #transports = new Map<Direction, ClientTransport | undefined>();
  readonly #consumers = new Map<string, Consumer>();
  readonly #readers = new Set<AsyncQueue<CallEvent>>();
  readonly #closing = new AbortController();
  #voices: Voice[] = [];
  #grace: NodeJS.Timeout | undefined;

  constructor(options: PeerOptions) {
    this.id = options.id;
    this.accountId = options.accountId;
    this.sessionId = options.sessionId;
    this.name = options.name;
    this.speak = options.speak;
    this.hear = options.hear;
    this.#graceMs = options.graceMs;
    this.#onClose = options.onClose;
    this.#startGrace();
  }

  /** Aborts when the peer closes. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Whether a client follows the peer's events at this moment. */
  get attached(): boolean {
    return this.#readers.size > 0;
  }

  /** At most one transport a direction. */
  async createTransport(direction: Direction, create: () => Promise<ClientTransport>) {
    if (this.#transports.has(direction)) {
      throw new AppError("TRANSPORT_LIMIT", `This peer already has a transport to ${direction}.`);
    }
    this.#transports.set(direction, undefined);
    try {
      const transport = await create();
      if (this.closed) {
        transport.close();
        throw new AppError("PEER_NOT_FOUND", "The call has ended.");
      }
      this.#transports.set(direction, transport);
      return transport;
    } catch (error) {
      this.#transports.delete(direction);
      throw error;
    }
  }

  transport(transportId: string, direction?: Direction): ClientTransport {
    for (const [of, transport] of this.#transports) {
      if (transport?.id === transportId && (direction ?? of) === of) return transport;
    }
    throw new AppError("TRANSPORT_NOT_FOUND", "This peer has no such transport.");
  }

  async consume(
    transportId: string,
    producerId: string,
    rtpCapabilities: Parameters<ClientTransport["consume"]>[1],
  ): Promise<Consumer> {
    // Only what the peer should be playing: not its own microphone, and nobody else's business.
    if (!this.#voices.some((voice) => voice.producerId === producerId)) {
      throw new AppError("PRODUCER_NOT_FOUND", "There is no such voice to listen to.");
    }
    const transport = this.transport(transportId, "receive");
    const consumer = await transport.consume(producerId, rtpCapabilities);
    if (this.closed || !this.#voices.some((voice) => voice.producerId === producerId)) {
      consumer.close();
      throw new AppError("PRODUCER_NOT_FOUND", "The voice has ended.");
    }
    // Who asks again has lost the answer, or the consumer: one voice never comes twice.
    for (const [id, former] of this.#consumers) {
      if (former.producerId === producerId) this.closeConsumer(id);
    }
    this.#consumers.set(consumer.id, consumer);
    return consumer;
  }

  consumer(consumerId: string): Consumer {
    const consumer = this.#consumers.get(consumerId);
    if (!consumer) throw new AppError("CONSUMER_NOT_FOUND", "This peer consumes no such voice.");
    return consumer;
  }

  async resumeConsumer(consumerId: string): Promise<void> {
    await this.#unlessGone(consumerId, this.consumer(consumerId).resume());
  }

  async pauseConsumer(consumerId: string): Promise<void> {
    await this.#unlessGone(consumerId, this.consumer(consumerId).pause());
  }

  closeConsumer(consumerId: string): void {
    this.consumer(consumerId).close();
    this.#consumers.delete(consumerId);
  }

  /** What the peer should be playing from now on. What it may no longer play is cut off here. */
  setVoices(voices: Voice[]): void {
    if (JSON.stringify(voices) === JSON.stringify(this.#voices)) return;
    this.#voices = voices;
    const playable = new Set(voices.map((voice) => voice.producerId));
    for (const [id, consumer] of this.#consumers) {
      if (playable.has(consumer.producerId)) continue;
      consumer.close();
      this.#consumers.delete(id);
    }
    this.#send({ type: "voices", voices });
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    this.#send({ type: "muted", muted });
  }

  /** The whole state first, then each change of it. The peer outlives the last reader by its grace. */
  async *events(signal: AbortSignal): AsyncGenerator<CallEvent, void> {
    const queue = new AsyncQueue<CallEvent>({ signal, key: (event) => event.type });
    queue.push({ type: "voices", voices: this.#voices });
    queue.push({ type: "muted", muted: this.muted });
    this.#readers.add(queue);
    clearTimeout(this.#grace);
    try {
      yield* queue;
    } finally {
      this.#readers.delete(queue);
      if (this.#readers.size === 0) this.#startGrace();
    }
  }

  close(reason: ClosedReason): void {
    if (this.closed) return;
    clearTimeout(this.#grace);
    this.#closing.abort();
    for (const transport of this.#transports.values()) transport?.close();
    this.#send({ type: "closed", reason });
    for (const reader of this.#readers) reader.end();
    this.#onClose(this);
  }

  /** A voice that ends under way makes the request fail, in the media worker's own words. */
  async #unlessGone(consumerId: string, done: Promise<void>): Promise<void> {
    try {
      await done;
    } catch (error) {
      if (this.closed) throw new AppError("PEER_NOT_FOUND", "The call has ended.");
      this.consumer(consumerId);
      throw error;
    }
  }

  #send(event: CallEvent): void {
    for (const reader of this.#readers) reader.push(event);
  }

  #startGrace(): void {
    if (this.closed) return;
    this.#grace = setTimeout(() => this.close("left"), this.#graceMs);
    this.#grace.unref();
  }
}

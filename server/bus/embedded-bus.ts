import { randomBytes } from "node:crypto";
import {
  type Bus,
  type Delivered,
  type Events,
  type PublishOptions,
  type SubscribeOptions,
  type Subscription,
  type Topic,
} from "./bus.ts";
import { EventRing } from "./event-ring.ts";

export type EmbeddedBusOptions = {
  /** How long a key that nobody reads keeps its events for those who come back. */
  keepMs?: number;
};

/** The bus of a server that is one process. */
export class EmbeddedBus implements Bus {
  /** Tells ids of this process from those of an earlier one, which mean nothing any more. */
  readonly #epoch = randomBytes(6).toString("base64url");
  readonly #rings = new Map<string, { ring: EventRing; idleSince: number }>();
  readonly #keepMs: number;
  readonly #sweeping: NodeJS.Timeout;
  #sequence = 0;
  #closed = false;

  constructor(options: EmbeddedBusOptions = {}) {
    this.#keepMs = options.keepMs ?? 120_000;
    this.#sweeping = setInterval(() => this.#sweep(), Math.min(this.#keepMs, 30_000));
    this.#sweeping.unref();
  }

  /** Keys that hold events or readers. */
  get size(): number {
    return this.#rings.size;
  }

  publish<Event>(
    topic: Topic<Event>,
    key: string,
    event: Event,
    options: PublishOptions = {},
  ): void {
    if (this.#closed) return;
    const kept = this.#ring(topic, key);
    const sequence = ++this.#sequence;
    const delivered: Delivered<Event> = { id: this.#id(sequence), event };
    kept.idleSince = performance.now();
    kept.ring.push(sequence, delivered, options.replaces);
  }

  subscribe<Event>(
    topic: Topic<Event>,
    key: string,
    options: SubscribeOptions,
  ): Promise<Subscription<Event>> {
    const kept = this.#ring(topic, key);
    const last = this.#parse(options.lastEventId);
    const resumed = last !== undefined && last >= kept.ring.floor;
    const from = resumed ? last : this.#sequence;
    const events = kept.ring.open(from, options.signal, () => {
      kept.idleSince = performance.now();
    });
    if (this.#closed) events.end();
    return Promise.resolve({
      resumed,
      position: this.#id(from),
      // What the ring of a topic holds was published to that topic.
      events: events as Events<Event>,
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeping);
    for (const { ring } of this.#rings.values()) ring.close();
    this.#rings.clear();
    return Promise.resolve();
  }

  #ring(topic: Topic<unknown>, key: string) {
    const name = `${topic.name}:${key}`;
    let kept = this.#rings.get(name);
    if (!kept) {
      // Whatever was published to this key before has been freed: nothing older can be resumed.
      const ring = new EventRing(topic.retain, this.#sequence);
      kept = { ring, idleSince: performance.now() };
      this.#rings.set(name, kept);
    }
    return kept;
  }

  #sweep(): void {
    const before = performance.now() - this.#keepMs;
    for (const [name, { ring, idleSince }] of this.#rings) {
      if (!ring.read && idleSince <= before) this.#rings.delete(name);
    }
  }

  #id(sequence: number): string {
    return `${this.#epoch}.${sequence.toString(36)}`;
  }

  #parse(id: string | null | undefined): number | undefined {
    const prefix = `${this.#epoch}.`;
    if (!id?.startsWith(prefix)) return undefined;
    const sequence = Number.parseInt(id.slice(prefix.length), 36);
    return Number.isSafeInteger(sequence) && sequence <= this.#sequence ? sequence : undefined;
  }
}

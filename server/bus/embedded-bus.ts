import { hash, randomBytes } from "node:crypto";
import type {
  Bus,
  Delivered,
  Events,
  PublishOptions,
  SubscribeOptions,
  Subscription,
  Topic,
} from "./bus.ts";
import { EventRing } from "./event-ring.ts";

export type EmbeddedBusOptions = {
  /** How long a key that nobody reads keeps its events for those who come back. */
  keepMs?: number;
};

type Kept = { name: string; ring: EventRing; idleSince: number };

/** The bus of a server that is one process. */
export class EmbeddedBus implements Bus {
  /** Nobody makes up an id, which would show what was before they came. One of another process is none. */
  readonly #secret = randomBytes(16).toString("base64url");
  readonly #rings = new Map<string, Kept>();
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
    const delivered: Delivered<Event> = { id: this.#id(kept.name, sequence), event };
    kept.idleSince = performance.now();
    kept.ring.push(sequence, delivered, options.replaces);
  }

  subscribe<Event>(
    topic: Topic<Event>,
    key: string,
    options: SubscribeOptions,
  ): Promise<Subscription<Event>> {
    const kept = this.#ring(topic, key);
    const last = this.#parse(kept.name, options.lastEventId);
    const { since = Number.NEGATIVE_INFINITY } = options;
    const resumed = last !== undefined && kept.ring.resumes(last, since);
    const from = resumed ? last : this.#sequence;
    const events = kept.ring.open(from, options.signal, () => {
      kept.idleSince = performance.now();
    });
    if (this.#closed) events.end();
    return Promise.resolve({
      resumed,
      position: this.#id(kept.name, from),
      // What the ring of a topic holds was published to that topic.
      events: events as Events<Event>,
    });
  }

  forget<Event>(topic: Topic<Event>, which: (event: Event) => boolean) {
    const prefix = `${topic.name}:`;
    const forgotten: { key: string; event: Event }[] = [];
    for (const [name, { ring }] of this.#rings) {
      if (!name.startsWith(prefix)) continue;
      // What the ring of a topic holds was published to that topic.
      for (const event of ring.forget((held) => which(held as Event))) {
        forgotten.push({ key: name.slice(prefix.length), event: event as Event });
      }
    }
    return forgotten;
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
      kept = { name, ring, idleSince: performance.now() };
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

  #id(name: string, sequence: number): string {
    const place = sequence.toString(36);
    const proof = hash("sha256", `${this.#secret} ${name} ${place}`, "base64url");
    return `${place}.${proof.slice(0, 12)}`;
  }

  #parse(name: string, id: string | null | undefined): number | undefined {
    const sequence = Number.parseInt(id ?? "", 36);
    const isOurs = sequence <= this.#sequence && id === this.#id(name, sequence);
    return isOurs ? sequence : undefined;
  }
}

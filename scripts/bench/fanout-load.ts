import { connect, type Socket } from "node:net";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { answerParent } from "./child.ts";
import { clientFrame, FrameReader } from "./frame-reader.ts";
import type { Ready, Step } from "./fanout-server.ts";
import { microseconds, readStamp, type StampPlaces } from "./fanout-stamp.ts";
import { Histogram } from "./histogram.ts";

export type LoadQuestion =
  | { ask: "open"; ready: Ready; count: number }
  /** `pauseMs` lets frames gather in the kernel between two looks at all sockets. */
  | { ask: "begin"; pauseMs: number }
  | { ask: "collect"; count: number; withinMs: number };

export type Collected = {
  deliveries: number;
  /** In ms from when a message was due until it was read. */
  p50: number;
  p95: number;
  p99: number;
  /** In microseconds of the machine's monotonic clock. */
  lastAt: number;
};

/** The answers to what servers send to find out whether somebody is there. */
const SIGNS_OF_LIFE: Readonly<Record<string, string>> = { "2": "3", PING: "PONG" };

const HANDSHAKE = [
  "Host: 127.0.0.1",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
].join("\r\n");

/** Subscribers that come at the same time. */
const AT_ONCE = 25;

/** All sockets read into one buffer, one after the other. */
const shared = Buffer.allocUnsafe(256 * 1024);
const nobody = new Int32Array(new SharedArrayBuffer(4));

const histogram = new Histogram();
const places: StampPlaces = new Map();
const subscribers: Subscriber[] = [];
let lastAt = 0;
let pauseMs = 0;

class Subscriber {
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #steps: Step[];
  #upgraded = false;
  #now = 0;
  #onReady: () => void = () => {};
  #onFailure: (error: Error) => void = () => {};
  readonly ready: Promise<void>;
  readonly #onFrame = (bytes: Buffer, start: number, end: number) =>
    this.#receive(bytes, start, end);

  constructor({ port, path, greetings }: Ready, index: number) {
    this.#steps = [...(greetings[index % greetings.length] ?? [])];
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onFailure = reject;
    });
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      onread: {
        buffer: shared,
        callback: (length) => {
          this.#read(shared.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.on("error", (error) => this.#onFailure(error));
    this.#socket.on("close", () => this.#onFailure(new Error("the server closed a socket")));
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${HANDSHAKE}\r\n\r\n`);
  }

  #read(chunk: Buffer): void {
    this.#now = microseconds();
    if (this.#upgraded) {
      this.#frames.read(chunk, this.#onFrame);
      return;
    }
    const end = chunk.indexOf("\r\n\r\n");
    if (!chunk.subarray(0, end).includes(" 101 ")) {
      this.#onFailure(new Error(chunk.toString()));
      return;
    }
    this.#upgraded = true;
    this.#goOn();
    this.#frames.read(chunk.subarray(end + 4), this.#onFrame);
  }

  /** Says what may be said before the next answer. */
  #goOn(): void {
    for (;;) {
      const [step] = this.#steps;
      if (step?.say !== undefined) this.#socket.write(clientFrame(step.say));
      if (step?.until !== undefined) return;
      if (!step) {
        this.#onReady();
        return;
      }
      this.#steps.shift();
    }
  }

  #receive(bytes: Buffer, start: number, end: number): void {
    const [step] = this.#steps;
    if (step?.until !== undefined) {
      if (!bytes.subarray(start, end).includes(step.until)) return;
      this.#steps.shift();
      this.#goOn();
      return;
    }
    const due = readStamp(bytes, start, end, places);
    if (due !== undefined) {
      histogram.add(this.#now - due);
      lastAt = this.#now;
      return;
    }
    const answer = SIGNS_OF_LIFE[bytes.toString("latin1", start, Math.min(end, start + 8))];
    if (answer !== undefined) this.#socket.write(clientFrame(answer));
  }
}

async function pauseNowAndThen(): Promise<void> {
  for (;;) {
    if (pauseMs === 0) {
      await sleep(5);
    } else {
      await turn();
      Atomics.wait(nobody, 0, 0, pauseMs);
    }
  }
}

async function open(ready: Ready, count: number): Promise<void> {
  while (subscribers.length < count) {
    const comers: Subscriber[] = [];
    while (comers.length < AT_ONCE && subscribers.length < count) {
      const comer = new Subscriber(ready, subscribers.length);
      comers.push(comer);
      subscribers.push(comer);
    }
    await Promise.all(comers.map((comer) => comer.ready));
  }
}

async function collect(count: number, withinMs: number): Promise<Collected> {
  const until = performance.now() + withinMs;
  while (histogram.count < count && performance.now() < until) await sleep(5);
  pauseMs = 0;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => histogram.percentile(share) / 1000);
  return { deliveries: histogram.count, p50, p95, p99, lastAt } as Collected;
}

answerParent(async (question: LoadQuestion) => {
  switch (question.ask) {
    case "open":
      await open(question.ready, question.count);
      return {};
    case "begin":
      histogram.clear();
      ({ pauseMs } = question);
      return {};
    case "collect":
      return collect(question.count, question.withinMs);
  }
});
void pauseNowAndThen();

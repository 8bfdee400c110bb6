import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { Turns } from "./turns.ts";

/** Bytes that are gathered at most: more at once makes nothing cheaper. */
const GATHERED = 64 * 1024;

export type OutboxOptions = {
  socket: WebSocket;
  /** What carries the socket's frames. */
  stream: Socket;
  turns: Turns;
  /** A reader that leaves more bytes than this unread is cut off. */
  unreadBytes: number;
};

/**
 * Writes whole frames to one socket, in order. What comes while the socket is idle is written at
 * once; what comes in the same turn of the event loop or the next one is gathered, so that the busier
 * the server is, the less each event costs.
 */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #stream: Socket;
  readonly #turns: Turns;
  readonly #unreadBytes: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Something was written in this turn or the last one. */
  #busy = false;
  #draining: Promise<void> | undefined;

  constructor({ socket, stream, turns, unreadBytes }: OutboxOptions) {
    this.#socket = socket;
    this.#stream = stream;
    this.#turns = turns;
    this.#unreadBytes = unreadBytes;
  }

  write(frame: Buffer): void {
    if (!this.#busy) {
      this.#busy = true;
      this.#turns.next(this);
      this.#put(frame);
      return;
    }
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes > GATHERED) this.flush();
  }

  /** Writes what waits: before the socket is closed, or what would overtake it is written. */
  flush(): void {
    if (this.#waiting.length > 0) this.#put(this.#takeWaiting());
  }

  /** What was written in the last turn is on its way. */
  turn(): void {
    if (this.#waiting.length === 0) {
      this.#busy = false;
      return;
    }
    this.#turns.next(this);
    this.flush();
  }

  /** Resolves when the reader has taken in what was written, or is gone. */
  drained(): Promise<void> {
    const stream = this.#stream;
    if (!stream.writableNeedDrain || stream.destroyed) return Promise.resolve();
    this.#draining ??= new Promise((resolve) => {
      const done = () => {
        stream.off("drain", done);
        stream.off("close", done);
        this.#draining = undefined;
        resolve();
      };
      stream.on("drain", done);
      stream.on("close", done);
    });
    return this.#draining;
  }

  #takeWaiting(): Buffer {
    const gathered = this.#turns.gather(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return gathered;
  }

  #put(bytes: Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    // What the reader has left so far: one answer may be as long as it likes.
    if (this.#stream.writableLength > this.#unreadBytes) this.#socket.terminate();
    else this.#stream.write(bytes);
  }
}

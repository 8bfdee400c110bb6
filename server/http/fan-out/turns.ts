/** Whatever is called back when the event loop has gone round once. */
export type Waiting = { turn(): void };

/** Calls back once a turn of the event loop, all together; and what many would gather, gathers once. */
export class Turns {
  #waiting: Waiting[] = [];
  /** By the first frame: those who got that one mostly got the same ones after it. */
  readonly #gathered = new Map<Buffer, { frames: readonly Buffer[]; joined: Buffer }>();

  next(waiting: Waiting): void {
    if (this.#waiting.push(waiting) === 1) setImmediate(() => this.#turn());
  }

  /** Joins frames. Whoever has the same ones in the same turn shares what comes of it. */
  gather(frames: readonly Buffer[]): Buffer {
    const [first] = frames;
    if (!first || frames.length === 1) return first ?? Buffer.alloc(0);
    const found = this.#gathered.get(first);
    if (found && isSame(found.frames, frames)) return found.joined;
    const joined = Buffer.concat(frames);
    this.#gathered.set(first, { frames, joined });
    return joined;
  }

  #turn(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one.turn();
    this.#gathered.clear();
  }
}

function isSame(one: readonly Buffer[], other: readonly Buffer[]): boolean {
  return one.length === other.length && one.every((frame, index) => frame === other[index]);
}

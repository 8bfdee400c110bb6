/** Whatever is called back when the event loop has gone round once. */
export type Waiting = { turn(gather: Gather): void };

/** Joins frames. Sockets that have the same ones waiting share what comes of it. */
export type Gather = (frames: readonly Buffer[]) => Buffer;

/** Calls back once a turn of the event loop, all together. */
export class Turns {
  #waiting: Waiting[] = [];

  next(waiting: Waiting): void {
    if (this.#waiting.push(waiting) === 1) setImmediate(() => this.#turn());
  }

  #turn(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const gather = createGather();
    for (const one of waiting) one.turn(gather);
  }
}

function createGather(): Gather {
  // By the first frame: those who got that one mostly got the same ones after it.
  const gathered = new Map<Buffer, { frames: readonly Buffer[]; joined: Buffer }>();
  return (frames) => {
    const [first] = frames;
    if (!first || frames.length === 1) return first ?? Buffer.alloc(0);
    const found = gathered.get(first);
    if (found && isSame(found.frames, frames)) return found.joined;
    const joined = Buffer.concat(frames);
    gathered.set(first, { frames, joined });
    return joined;
  };
}

function isSame(one: readonly Buffer[], other: readonly Buffer[]): boolean {
  return one.length === other.length && one.every((frame, index) => frame === other[index]);
}

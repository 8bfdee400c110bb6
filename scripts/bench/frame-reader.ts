/** Takes a server's frames out of a stream of bytes, and copies only what is cut in two. */
export class FrameReader {
  #rest: Buffer | undefined;

  /** Calls `onFrame` with where each whole frame's payload is, which is gone after the call. */
  read(chunk: Buffer, onFrame: (bytes: Buffer, start: number, end: number) => void): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = undefined;
    let at = 0;
    while (at + 2 <= bytes.length) {
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (at + head > bytes.length) break;
      const length =
        short < 126
          ? short
          : short === 126
            ? bytes.readUInt16BE(at + 2)
            : Number(bytes.readBigUInt64BE(at + 2));
      const end = at + head + length;
      if (end > bytes.length) break;
      onFrame(bytes, at + head, end);
      at = end;
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
  }
}

/** A text as a client sends it: masked, with a mask that changes nothing. */
export function clientFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  if (length > 0xffff) throw new Error("a greeting of more than 64 KiB");
  const head =
    length < 126 ? [0x81, 0x80 | length] : [0x81, 0x80 | 126, length >>> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

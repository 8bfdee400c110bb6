import type { FileWindow } from "./file-window.ts";

const HEAD_BYTES = 27;
const OPUS_RATE = 48_000;

/**
 * Seconds by the position that the last page says, in samples at `sampleRate` but for Opus, which always
 * counts at 48 kHz. `undefined` without a page of sound.
 */
export function measureOgg(file: FileWindow, sampleRate: number): number | undefined {
  let last = 0;
  let rate = sampleRate;
  for (let position = 0; position < file.size;) {
    const head = file.read(position, HEAD_BYTES);
    if (head.length < HEAD_BYTES || head.toString("latin1", 0, 4) !== "OggS") break;
    const granule = head.readBigInt64LE(6);
    const segments = head[26] ?? 0;
    const lengths = file.read(position + HEAD_BYTES, segments);
    const body = lengths.reduce((sum, length) => sum + length, 0);
    const bodyAt = position + HEAD_BYTES + segments;
    if (position === 0 && file.read(bodyAt, 8).toString("latin1") === "OpusHead") rate = OPUS_RATE;
    // -1 where no packet ends.
    if (granule > 0n) last = Math.max(last, Number(granule));
    position = bodyAt + body;
  }
  return last > 0 && rate > 0 ? last / rate : undefined;
}

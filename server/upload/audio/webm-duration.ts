import type { FileWindow } from "./file-window.ts";

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const CLUSTER = 0x1f43b675;
const TIMESTAMP_SCALE = 0x2ad7b1;
const CLUSTER_TIMESTAMP = 0xe7;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;

/** What is walked into; the rest is stepped over. */
const containers = new Set([SEGMENT, INFO, CLUSTER, BLOCK_GROUP]);
const HEAD_BYTES = 16;
/** No piece of Opus or Vorbis that browsers write is shorter. */
const PIECE_SECONDS = 0.02;

/**
 * Seconds from the beginning to the end of the last piece of sound. Browsers write a recording before they know how
 * long it gets, so the file doesn't say it: its pieces do. `undefined` when there is none.
 */
export function measureWebm(file: FileWindow): number | undefined {
  let nanoseconds = 1_000_000;
  let clusterAt = 0;
  let last: number | undefined;
  for (let position = 0; position < file.size;) {
    const head = file.read(position, HEAD_BYTES);
    const element = parseElement(head);
    if (!element) break;
    const { id, headBytes, length } = element;
    const body = head.subarray(headBytes);
    position += headBytes;
    if (id === TIMESTAMP_SCALE && length <= body.length) nanoseconds = readUnsigned(body, length);
    if (id === CLUSTER_TIMESTAMP && length <= body.length) clusterAt = readUnsigned(body, length);
    if ((id === SIMPLE_BLOCK || id === BLOCK) && body.length >= 3) {
      // After the number of the track, which is below 127 wherever there is one track.
      last = Math.max(last ?? 0, clusterAt + body.readInt16BE(1));
    }
    if (containers.has(id)) continue;
    if (!Number.isFinite(length)) break;
    position += length;
  }
  return last === undefined ? undefined : (last * nanoseconds) / 1e9 + PIECE_SECONDS;
}

/** `length` is infinite where the writer didn't know it. */
function parseElement(bytes: Buffer) {
  const idBytes = Math.clz32(bytes[0] ?? 0) - 23;
  const sizeAt = idBytes;
  const sizeBytes = Math.clz32(bytes[sizeAt] ?? 0) - 23;
  if (idBytes > 4 || sizeBytes > 8 || bytes.length < idBytes + sizeBytes) return undefined;
  const id = readUnsigned(bytes, idBytes);
  const marker = 2 ** (7 * sizeBytes);
  const value = readUnsigned(bytes.subarray(sizeAt), sizeBytes) - marker;
  const length = value === marker - 1 ? Number.POSITIVE_INFINITY : value;
  return { id, headBytes: idBytes + sizeBytes, length };
}

/** Up to eight bytes; of the largest numbers only the size matters. */
function readUnsigned(bytes: Buffer, length: number): number {
  let value = 0;
  for (let index = 0; index < length; index += 1) value = value * 256 + (bytes[index] ?? 0);
  return value;
}

import type { FileWindow } from "./file-window.ts";

/** One frame: bytes with its header, and samples per channel. */
type Frame = { bytes: number; samples: number; sampleRate: number };

const HEADER_BYTES = 7;
/** What lies between frames: tags, and pieces of nothing. */
const LONGEST_GAP = 1024 * 1024;
/** Fewer are chance: some bytes of any file look like a frame. */
const FEWEST_FRAMES = 3;

const ADTS_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000,
  7350,
];
const MPEG_RATES = [44_100, 48_000, 32_000];
/** kbit/s of MPEG 1 layer III, and of MPEG 2 and 2.5. */
const MPEG1_BITRATES = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_BITRATES = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/** Seconds of the frames that are really there: what a header says of the whole may be anything. */
export function measureFrames(file: FileWindow, kind: "adts" | "mp3"): number | undefined {
  const parse = kind === "adts" ? parseAdts : parseMp3;
  let seconds = 0;
  let frames = 0;
  let gap = 0;
  for (let position = endOfTag(file); position < file.size && gap < LONGEST_GAP;) {
    const frame = parse(file.read(position, HEADER_BYTES));
    // A frame that is cut off isn't played either.
    if (frame && position + frame.bytes <= file.size) {
      seconds += frame.samples / frame.sampleRate;
      frames += 1;
      gap = 0;
      position += frame.bytes;
    } else {
      gap += 1;
      position += 1;
    }
  }
  return frames < FEWEST_FRAMES ? undefined : seconds;
}

/** Behind the tag of ID3 that many files begin with. */
function endOfTag(file: FileWindow): number {
  const head = file.read(0, 10);
  if (head.length < 10 || head.toString("latin1", 0, 3) !== "ID3") return 0;
  const [a = 0, b = 0, c = 0, d = 0] = head.subarray(6).map((byte) => byte & 0x7f);
  return 10 + (a << 21) + (b << 14) + (c << 7) + d;
}

function parseAdts(head: Buffer): Frame | undefined {
  if (head.length < HEADER_BYTES || (head.readUInt16BE(0) & 0xfff6) !== 0xfff0) return undefined;
  const sampleRate = ADTS_RATES[((head[2] ?? 0) >> 2) & 0xf];
  const bytes = (head.readUInt32BE(3) >>> 13) & 0x1fff;
  const blocks = ((head[6] ?? 0) & 3) + 1;
  if (sampleRate === undefined || bytes < HEADER_BYTES) return undefined;
  return { bytes, samples: 1024 * blocks, sampleRate };
}

function parseMp3(head: Buffer): Frame | undefined {
  if (head.length < 4 || (head.readUInt16BE(0) & 0xffe0) !== 0xffe0) return undefined;
  const [, second = 0, third = 0] = head;
  // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5; of the layers only the third.
  const version = (second >> 3) & 3;
  if (version === 1 || ((second >> 1) & 3) !== 1) return undefined;
  const rate = MPEG_RATES[(third >> 2) & 3];
  const kilobits = (version === 3 ? MPEG1_BITRATES : MPEG2_BITRATES)[third >> 4];
  if (rate === undefined || !kilobits) return undefined;
  const sampleRate = version === 3 ? rate : rate / (version === 2 ? 2 : 4);
  const samples = version === 3 ? 1152 : 576;
  const padding = (third >> 1) & 1;
  return {
    bytes: Math.floor((samples * kilobits * 125) / sampleRate) + padding,
    samples,
    sampleRate,
  };
}

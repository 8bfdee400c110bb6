import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A tone as sox writes it: `wav`, `flac` or `ogg` (Vorbis). */
export function tone(format: "wav" | "flac" | "ogg", seconds = 1): Buffer {
  const directory = mkdtempSync(join(tmpdir(), "parley-tone-"));
  const path = join(directory, `tone.${format}`);
  const settings = ["-r", "16000", "-c", "1"];
  try {
    execFileSync("sox", ["-D", "-n", ...settings, path, "synth", `${seconds}`, "sine", "440"]);
    return readFileSync(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Silent frames of MPEG 1 layer III (128 kbit/s, 44.1 kHz): 26.1 ms each. */
export function mp3(frames = 50): Buffer {
  const frame = Buffer.alloc(417);
  frame.set([0xff, 0xfb, 0x90, 0xc0]);
  return Buffer.concat(Array.from({ length: frames }, () => frame));
}

/** Frames of AAC in ADTS, mono at 16 kHz: 64 ms each. */
export function adts(frames = 50): Buffer {
  const payload = 20;
  const length = payload + 7;
  const frame = Buffer.alloc(length);
  frame.set([
    0xff,
    0xf1,
    0x60,
    0x40 | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  ]);
  return Buffer.concat(Array.from({ length: frames }, () => frame));
}

const box = (type: string, ...inside: Uint8Array[]) => {
  const body = Buffer.concat(inside);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
};
const u32 = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
};
const u16 = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
};

/** A film or a recording in an MP4 file, with tables and without frames that anybody could play. */
export function mp4(options: { video?: boolean; seconds?: number; brand?: string } = {}): Buffer {
  const { video = false, seconds = 2, brand = "M4A " } = options;
  const scale = 16_000;
  const duration = scale * seconds;
  const handler = video ? "vide" : "soun";
  const entry = video
    ? box("avc1", Buffer.alloc(6), u16(1), Buffer.alloc(16), u16(64, 64), Buffer.alloc(50))
    : box(
        "mp4a",
        Buffer.alloc(6),
        u16(1),
        Buffer.alloc(8),
        u16(1, 16),
        Buffer.alloc(4),
        u16(scale, 0),
      );
  const sampleTable = box(
    "stbl",
    box("stsd", u32(0, 1), entry),
    box("stts", u32(0, 1, 10, duration / 10)),
    box("stsc", u32(0, 1, 1, 10, 1)),
    box("stsz", u32(0, 10, 10)),
    box("stco", u32(0, 1, 40)),
  );
  const header = video ? box("vmhd", u32(1, 0, 0)) : box("smhd", u32(0, 0));
  const media = box(
    "mdia",
    box("mdhd", u32(0, 0, 0, scale, duration), u16(0x55c4, 0)),
    box("hdlr", u32(0, 0), Buffer.from(handler), Buffer.alloc(13)),
    box("minf", header, sampleTable),
  );
  const track = box("trak", box("tkhd", u32(3, 0, 0, 1, 0, duration), Buffer.alloc(60)), media);
  const movie = box("mvhd", u32(0, 0, 0, scale, duration), Buffer.alloc(80));
  return Buffer.concat([
    box("ftyp", Buffer.from(brand), u32(0), Buffer.from(brand)),
    box("mdat", Buffer.alloc(100)),
    box("moov", movie, track),
  ]);
}

/** An element of EBML with an identifier in hexadecimal. */
const element = (id: string, ...inside: Uint8Array[]) => {
  const body = Buffer.concat(inside);
  return Buffer.concat([Buffer.from(id, "hex"), u32(0x1000_0000 | body.length), body]);
};
const float64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};

/** A second of Opus in WebM, as browsers record it: often without its duration. */
export function webm(options: { video?: boolean; seconds?: number } = {}): Buffer {
  const { video = false, seconds } = options;
  const head = element("1a45dfa3", element("4282", Buffer.from("webm")));
  const info = element(
    "1549a966",
    element("2ad7b1", Buffer.from([0x0f, 0x42, 0x40])),
    ...(seconds === undefined ? [] : [element("4489", float64(seconds * 1000))]),
  );
  const kind = video
    ? [element("83", Buffer.from([1])), element("86", Buffer.from("V_VP8"))]
    : [
        element("83", Buffer.from([2])),
        element("86", Buffer.from("A_OPUS")),
        element("e1", element("b5", float64(48_000)), element("9f", Buffer.from([1]))),
      ];
  const track = element(
    "ae",
    element("d7", Buffer.from([1])),
    element("73c5", Buffer.from([1])),
    ...kind,
  );
  const blocks = Array.from({ length: 50 }, (_, index) =>
    element("a3", Buffer.from([0x81]), u16(index * 20), Buffer.from([0x80, 0xf8, 0xff, 0xfe])),
  );
  const cluster = element("1f43b675", element("e7", Buffer.from([0])), ...blocks);
  return Buffer.concat([head, element("18538067", info, element("1654ae6b", track), cluster)]);
}

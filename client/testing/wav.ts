import { readFile, writeFile } from "node:fs/promises";

/** Mono sound: 16-bit signed samples, `rate` of them a second. */
export type Sound = { samples: Int16Array; rate: number };

export function durationMs(sound: Sound): number {
  return (sound.samples.length / sound.rate) * 1000;
}

/** Parses a WAV file of 16-bit PCM; of several channels it takes the first. Throws on anything else. */
export function parseWav(bytes: Buffer): Sound {
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WAVE") {
    throw new Error("not a WAV file");
  }
  let format: { channels: number; rate: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = bytes.toString("latin1", at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const start = at + 8;
    if (id === "fmt ") {
      if (bytes.readUInt16LE(start + 14) !== 16)
        throw new Error("not a WAV file of 16-bit samples");
      format = { channels: bytes.readUInt16LE(start + 2), rate: bytes.readUInt32LE(start + 4) };
    }
    if (id === "data") {
      if (!format) throw new Error("a WAV file whose data come before their format");
      const data = bytes.subarray(start, start + size);
      return { samples: firstChannel(data, format.channels), rate: format.rate };
    }
    // Chunks begin at even offsets.
    at = start + size + (size % 2);
  }
  throw new Error("a WAV file without data");
}

function firstChannel(data: Buffer, channels: number): Int16Array {
  const samples = new Int16Array(Math.floor(data.length / 2 / channels));
  for (let n = 0; n < samples.length; n += 1) samples[n] = data.readInt16LE(n * 2 * channels);
  return samples;
}

export function formatWav({ samples, rate }: Sound): Buffer {
  const bytes = Buffer.alloc(44 + samples.length * 2);
  bytes.write("RIFF", 0, "latin1");
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8, "latin1");
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36, "latin1");
  bytes.writeUInt32LE(samples.length * 2, 40);
  for (let n = 0; n < samples.length; n += 1) bytes.writeInt16LE(samples[n] ?? 0, 44 + n * 2);
  return bytes;
}

export async function readWav(path: string): Promise<Sound> {
  return parseWav(await readFile(path));
}

export async function writeWav(path: string, sound: Sound): Promise<void> {
  await writeFile(path, formatWav(sound));
}

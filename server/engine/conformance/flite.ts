import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { HEARING_RATE } from "../../kit/pcm.ts";

/** English speech at 16 kHz by flite, with this much silence around it, in ms. */
export async function speakWithFlite(
  text: string,
  voice: "slt" | "rms",
  silence = { before: 300, after: 350 },
): Promise<Int16Array> {
  const directory = await mkdtemp(join(tmpdir(), "parley-flite-"));
  try {
    const path = join(directory, "speech.wav");
    await promisify(execFile)("flite", ["-voice", voice, "-t", text, "-o", path]);
    const speech = trimmed(samplesOf(await readFile(path)));
    const before = (silence.before * HEARING_RATE) / 1000;
    const after = (silence.after * HEARING_RATE) / 1000;
    const samples = new Int16Array(before + speech.length + after);
    samples.set(speech, before);
    return samples;
  } finally {
    await rm(directory, { recursive: true });
  }
}

function samplesOf(wav: Buffer): Int16Array {
  const rate = wav.readUInt32LE(24);
  if (rate !== HEARING_RATE) throw new Error(`flite speaks at ${rate} Hz`);
  const start = wav.indexOf("data", 12) + 8;
  const samples = new Int16Array((wav.length - start) >> 1);
  for (let index = 0; index < samples.length; index += 1) {
    samples[index] = wav.readInt16LE(start + 2 * index);
  }
  return samples;
}

/** Without the silence that flite leaves at both ends. */
function trimmed(samples: Int16Array): Int16Array {
  const audible = (sample: number) => Math.abs(sample) > 200;
  return samples.subarray(samples.findIndex(audible), samples.findLastIndex(audible) + 1);
}

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Producer } from "mediasoup/types";
import { SPEAKING_RATE } from "../kit/pcm.ts";
import { createOpusEncoder, FRAME_MS, SILENT_PACKET, SPEAKING_FRAME } from "../media/opus.ts";
import { Pacer } from "../media/pacer.ts";
import { buildRtp } from "../media/rtp-packet.ts";

const WAV_HEADER = 44;
const FLITE_RATE = 16_000;

/** Says `text` with flite, at 24 kHz. */
async function say(text: string): Promise<Int16Array> {
  const folder = await mkdtemp(join(tmpdir(), "parley-say-"));
  const file = join(folder, "speech.wav");
  try {
    await promisify(execFile)("flite", ["-voice", "slt", "-t", text, "-o", file]);
    const bytes = (await readFile(file)).subarray(WAV_HEADER);
    const slow = new Int16Array(Uint8Array.from(bytes).buffer);
    // Between two samples a straight line is good enough for a test.
    return Int16Array.from({ length: (slow.length * SPEAKING_RATE) / FLITE_RATE }, (_, index) => {
      const at = (index * FLITE_RATE) / SPEAKING_RATE;
      const [before = 0, after = 0] = slow.subarray(Math.floor(at), Math.floor(at) + 2);
      return before + (after - before) * (at % 1);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A microphone without a browser: sends real speech to a producer, in real time. */
export function createTestMicrophone({ producer, ssrc }: { producer: Producer; ssrc: number }) {
  const encoder = createOpusEncoder();
  let sequence = 0;
  let waiting: Int16Array = new Int16Array(0);
  const paced = new Pacer().add(() => {
    const frame = waiting.subarray(0, SPEAKING_FRAME);
    waiting = waiting.subarray(SPEAKING_FRAME);
    const payload = frame.length === SPEAKING_FRAME ? encoder.encode(frame) : SILENT_PACKET;
    const timestamp = sequence * 960;
    const rtp = { payloadType: 100, sequence, timestamp, ssrc, marker: false, payload };
    if (!producer.closed) producer.send(buildRtp(rtp));
    sequence += 1;
    return FRAME_MS;
  });
  producer.observer.once("close", () => paced.stop());
  return {
    async say(text: string): Promise<void> {
      waiting = await say(text);
    },
  };
}

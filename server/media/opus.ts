import { Decoder, Encoder } from "@evan/opus";
import { HEARING_RATE, SPEAKING_RATE } from "../kit/pcm.ts";

/** ms of sound in a frame. */
export const FRAME_MS = 20;
export const SPEAKING_FRAME = (SPEAKING_RATE * FRAME_MS) / 1000;

/** 20 ms of digital silence, as every Opus decoder understands it. */
export const SILENT_PACKET = Uint8Array.of(0xf8, 0xff, 0xfe);

function samplesOf(bytes: Uint8Array): Int16Array {
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
}

/**
 * A packet with the header of `packet` and all its frames empty (RFC 6716, 3.2). libopus takes an
 * empty frame for a lost one and conceals it, so that no call of its own is needed for that.
 */
function lostLike(packet: Uint8Array): Uint8Array {
  const header = packet[0] ?? 0;
  switch (header & 0b11) {
    case 0:
      return Uint8Array.of(header);
    case 3:
      return Uint8Array.of(header, (packet[1] ?? 0) & 0b11_1111);
    default:
      return Uint8Array.of((header & 0b1111_1100) | 1);
  }
}

export type OpusDecoder = {
  /** Samples at 16 kHz, mono whatever was sent. Throws for what is no Opus packet. */
  decode(packet: Uint8Array): Int16Array;
  /** What the decoder makes up for a lost packet as long as the one before. */
  conceal(): Int16Array;
};

export function createOpusDecoder(): OpusDecoder {
  const decoder = new Decoder({ channels: 1, sample_rate: HEARING_RATE });
  let lost = lostLike(SILENT_PACKET);
  return {
    decode(packet) {
      const samples = samplesOf(decoder.decode(packet));
      lost = lostLike(packet);
      return samples;
    },
    conceal: () => samplesOf(decoder.decode(lost)),
  };
}

export type OpusEncoder = {
  /** One or two frames of 480 samples at 24 kHz, mono: one packet. */
  encode(samples: Int16Array): Uint8Array;
};

export function createOpusEncoder(): OpusEncoder {
  const encoder = new Encoder({ channels: 1, sample_rate: SPEAKING_RATE, application: "voip" });
  // Bits cost less than time: what a higher complexity would save of them is not worth three times
  // the processor (3.4 ms a second of speech at complexity 1, 7.7 at 3, 10.8 at 5).
  encoder.bitrate = 32_000;
  encoder.complexity = 1;
  encoder.signal = "voice";
  encoder.inband_fec = true;
  encoder.packet_loss = 5;
  return { encode: (samples) => encoder.encode(samples) };
}

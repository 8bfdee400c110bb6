import { randomInt, randomUUID } from "node:crypto";
import { type DirectTransport, type Producer, type RtpParameters } from "mediasoup/types";
import { AppError } from "../kit/errors.ts";
import { SPEAKING_RATE } from "../kit/pcm.ts";
import { createOpusEncoder, SILENT_PACKET, SPEAKING_FRAME } from "./opus.ts";
import { type Pacer } from "./pacer.ts";
import { buildRtp } from "./rtp-packet.ts";

/** Any free one: the worker maps it to what the router offers. */
const PAYLOAD_TYPE = 100;
/** RTP's clock for Opus is 48 kHz whatever the encoder's rate is. */
const TIMESTAMP_STEP = 960;

type Mark = { position: number; call: () => void };

/** PCM -> Opus -> RTP, a packet each 20 ms: what was written, and silence while there is nothing. */
export class AudioOutlet {
  readonly #producer: Producer;
  readonly #ssrc: number;
  readonly #encoder = createOpusEncoder();
  readonly #unpace: () => void;
  #chunks: Int16Array[] = [];
  #marks: Mark[] = [];
  /** Samples written and samples taken since the beginning; what lies between them waits. */
  #written = 0;
  #taken = 0;
  /** Samples up to which a started frame may be filled with silence. */
  #flushed = 0;
  #sequence = randomInt(0x10000);
  #timestamp = randomInt(0x1_0000_0000);
  #talking = false;

  /** Throws MEDIA_UNAVAILABLE when the transport has closed. */
  static async create(transport: DirectTransport, pacer: Pacer): Promise<AudioOutlet> {
    const ssrc = randomInt(1, 0x1_0000_0000);
    const rtpParameters: RtpParameters = {
      mid: randomUUID().slice(0, 8),
      codecs: [
        {
          mimeType: "audio/opus",
          payloadType: PAYLOAD_TYPE,
          clockRate: 48_000,
          // Always two in RTP's description of Opus, for mono as well.
          channels: 2,
          parameters: { useinbandfec: 1 },
          rtcpFeedback: [],
        },
      ],
      headerExtensions: [],
      encodings: [{ ssrc }],
      rtcp: { cname: randomUUID().slice(0, 8), reducedSize: true },
    };
    const producer = await transport
      .produce({ kind: "audio", rtpParameters })
      .catch((cause: unknown) => {
        throw new AppError("MEDIA_UNAVAILABLE", "The call has ended.", { cause });
      });
    return new AudioOutlet(producer, ssrc, pacer);
  }

  private constructor(producer: Producer, ssrc: number, pacer: Pacer) {
    this.#producer = producer;
    this.#ssrc = ssrc;
    this.#unpace = pacer.add(() => this.#tick());
    producer.observer.once("close", () => {
      this.#unpace();
      this.drop();
    });
  }

  get producerId(): string {
    return this.#producer.id;
  }

  /** Sound that waits to be sent, in ms. */
  get bufferedMs(): number {
    return ((this.#written - this.#taken) / SPEAKING_RATE) * 1000;
  }

  /**
   * `samples`: 24 kHz, any length. `onFirstPacket` is called when the first of them has left. What is
   * written to a closed outlet goes nowhere.
   */
  write(samples: Int16Array, onFirstPacket?: () => void): void {
    if (samples.length === 0 || this.#producer.closed) return;
    if (onFirstPacket) this.#marks.push({ position: this.#written, call: onFirstPacket });
    this.#chunks.push(samples);
    this.#written += samples.length;
  }

  /** Nothing follows for a while: the last, incomplete frame is sent too. */
  flush(): void {
    this.#flushed = this.#written;
  }

  /** Forgets what waits. */
  drop(): void {
    this.#chunks = [];
    this.#marks = [];
    this.#taken = this.#written;
  }

  close(): void {
    this.#producer.close();
  }

  #tick(): void {
    const waiting = this.#written - this.#taken;
    if (waiting >= SPEAKING_FRAME || (waiting > 0 && this.#flushed === this.#written)) {
      const payload = this.#encoder.encode(this.#takeFrame());
      this.#send(payload, !this.#talking);
      this.#talking = true;
      while (this.#marks[0] && this.#marks[0].position < this.#taken) this.#marks.shift()?.call();
    } else {
      // A gap in the packets would make receivers conceal: silence is sent instead.
      this.#send(SILENT_PACKET, false);
      this.#talking = false;
    }
  }

  #takeFrame(): Int16Array {
    const frame = new Int16Array(SPEAKING_FRAME);
    let filled = 0;
    while (filled < frame.length) {
      const chunk = this.#chunks[0];
      if (!chunk) break;
      const part = chunk.subarray(0, frame.length - filled);
      frame.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#taken += filled;
    return frame;
  }

  #send(payload: Uint8Array, marker: boolean): void {
    this.#producer.send(
      buildRtp({
        payloadType: PAYLOAD_TYPE,
        sequence: this.#sequence,
        timestamp: this.#timestamp,
        ssrc: this.#ssrc,
        marker,
        payload,
      }),
    );
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + TIMESTAMP_STEP) >>> 0;
  }
}

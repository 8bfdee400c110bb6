import { randomInt, randomUUID } from "node:crypto";
import type { DirectTransport, Producer, RtpParameters } from "mediasoup/types";
import { AppError } from "../kit/errors.ts";
import { SPEAKING_RATE } from "../kit/pcm.ts";
import { createOpusEncoder, FRAME_MS, SILENT_PACKET, SPEAKING_FRAME } from "./opus.ts";
import type { Paced, Pacer } from "./pacer.ts";
import { buildRtp } from "./rtp-packet.ts";

/** Any free one: the worker maps it to what the router offers. */
const PAYLOAD_TYPE = 100;
/** RTP's clock for Opus is 48 kHz whatever the encoder's rate is. */
const CLOCK_PER_MS = 48;
/** Two frames a packet: half the work for everyone on the way. Speech is there before its time. */
const PACKET_FRAMES = 2;
/** In a pause, as every Opus encoder with discontinuous transmission does: 400 ms. */
const QUIET_MS = 400;

type Phase = "talking" | "fading" | "quiet";

type Mark = { position: number; call: () => void };

/**
 * PCM -> Opus -> RTP: a packet each 40 ms while there is something to say, the first one at once, and
 * next to nothing in between (discontinuous transmission). Timestamps go on with the clock, so that
 * receivers know a pause from a loss.
 */
export class AudioOutlet {
  readonly #producer: Producer;
  readonly #ssrc: number;
  readonly #encoder = createOpusEncoder();
  readonly #paced: Paced;
  readonly #openedAt = performance.now();
  readonly #firstTimestamp = randomInt(0x1_0000_0000);
  #chunks: Int16Array[] = [];
  #marks: Mark[] = [];
  /** Samples written and samples taken since the beginning; what lies between them waits. */
  #written = 0;
  #taken = 0;
  /** Samples up to which a started frame may be filled with silence. */
  #flushed = 0;
  #sequence = randomInt(0x10000);
  /** Where the next packet begins at the earliest, in RTP's clock since the first. */
  #clock = 0;
  #phase: Phase = "quiet";

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
          parameters: { useinbandfec: 1, usedtx: 1 },
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
    this.#paced = pacer.add(() => this.#tick());
    producer.observer.once("close", () => {
      this.#paced.stop();
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
    this.#begin();
  }

  /** Nothing follows for a while: the last, incomplete frame is sent too. */
  flush(): void {
    this.#flushed = this.#written;
    this.#begin();
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

  /** Frames that can be sent. */
  get #ready(): number {
    const frames = (this.#written - this.#taken) / SPEAKING_FRAME;
    return this.#flushed === this.#written ? Math.ceil(frames) : Math.floor(frames);
  }

  /** The first packet of a talkspurt leaves at once; the others have their turns. */
  #begin(): void {
    if (this.#phase === "quiet" && this.#ready > 0) this.#paced.wake();
  }

  /** Sends the next packet, and gives the ms until it is the turn of the one after. */
  #tick(): number {
    const frames = Math.min(this.#ready, PACKET_FRAMES);
    if (frames === 0) return this.#pause();
    const marker = this.#phase !== "talking";
    if (this.#phase === "quiet") this.#catchUp();
    this.#phase = "talking";
    this.#send(this.#encoder.encode(this.#take(frames)), frames * FRAME_MS, marker);
    while (this.#marks[0] && this.#marks[0].position < this.#taken) this.#marks.shift()?.call();
    return frames * FRAME_MS;
  }

  /**
   * Only silence is sent, one packet at a time, and none that says that a pause follows. Chromium keeps
   * its delay through a pause that it is told of; after one that it wasn't told of it begins at once.
   * What it makes up in between is like what it had before, which is silence.
   */
  #pause(): number {
    if (this.#phase === "talking") {
      // The encoder still has the last few ms.
      this.#send(this.#encoder.encode(new Int16Array(SPEAKING_FRAME)), FRAME_MS);
      this.#phase = "fading";
      return FRAME_MS;
    }
    this.#phase = "quiet";
    this.#catchUp();
    this.#send(SILENT_PACKET, FRAME_MS);
    return QUIET_MS;
  }

  #catchUp(): void {
    const elapsed = Math.round((performance.now() - this.#openedAt) * CLOCK_PER_MS);
    this.#clock = Math.max(this.#clock, elapsed);
  }

  #take(frames: number): Int16Array {
    const taken = new Int16Array(frames * SPEAKING_FRAME);
    let filled = 0;
    while (filled < taken.length) {
      const chunk = this.#chunks[0];
      if (!chunk) break;
      const part = chunk.subarray(0, taken.length - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#taken += filled;
    return taken;
  }

  #send(payload: Uint8Array, durationMs: number, marker = false): void {
    this.#producer.send(
      buildRtp({
        payloadType: PAYLOAD_TYPE,
        sequence: this.#sequence,
        timestamp: (this.#firstTimestamp + this.#clock) % 0x1_0000_0000,
        ssrc: this.#ssrc,
        marker,
        payload,
      }),
    );
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#clock += durationMs * CLOCK_PER_MS;
  }
}

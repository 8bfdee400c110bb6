import { audioLevel, parseRtp } from "./rtp-packet.ts";
import type { SpokenSentence } from "./speech.ts";
import type { RelayedPacket, UdpRelay } from "./udp-relay.ts";

/** dB of full scale: below it a packet holds breath, or what the codec leaves of silence. */
const VOICED_LEVEL = -45;
/** How much earlier or later than planned a sentence may begin. */
const TOLERANCE_MS = 250;
/** How long word of a voice takes at most to reach a page. */
const NOTICE_MS = 150;

/** When a sentence passed on its way to the server, in ms of the wall clock. */
export type SentenceTimes = { text: string; startedAt: number; endedAt: number };

/** Sees on the network when speech really begins and ends: no part of the program is asked. */
export class SpeechWatch {
  readonly #voiced = new Map<number, number[]>();
  readonly #talkspurts = new Map<number, number[]>();
  readonly #stop: () => void;

  constructor(media: UdpRelay) {
    this.#stop = media.watch((packet) => this.#see(packet));
  }

  /** Which extension holds the level is negotiated by each page: see `PageProbe`. */
  audioLevelExtension: number | undefined;

  close(): void {
    this.#stop();
  }

  /** When each sentence of a microphone's sound, sent from this client port, reached the server. */
  sentences(clientPorts: readonly number[], planned: readonly SpokenSentence[]): SentenceTimes[] {
    const voiced = clientPorts.flatMap((port) => this.#voiced.get(port) ?? []);
    const [first, begin] = [planned[0], voiced[0]];
    if (!first || begin === undefined) return [];
    const zero = begin - first.startMs;
    return planned.flatMap(({ text, startMs }, index) => {
      const next = planned[index + 1]?.startMs ?? Infinity;
      const mine = voiced.filter(
        (at) => at >= zero + startMs - TOLERANCE_MS && at < zero + next - TOLERANCE_MS,
      );
      const [startedAt, endedAt] = [mine[0], mine.at(-1)];
      return startedAt === undefined || endedAt === undefined ? [] : [{ text, startedAt, endedAt }];
    });
  }

  /**
   * When the talkspurt began that a page was told of at `told`: its first packet, which RTP marks.
   * Undefined when the voice was still busy with what came before.
   */
  talkspurt(ssrc: number, told: number): number | undefined {
    return this.#talkspurts
      .get(ssrc)
      ?.findLast((at) => at <= told + NOTICE_MS && at > told - NOTICE_MS);
  }

  #see({ direction, clientPort, packet, at }: RelayedPacket): void {
    const header = parseRtp(packet);
    if (!header) return;
    if (direction === "to-client") {
      if (header.marker) append(this.#talkspurts, header.ssrc, at);
      return;
    }
    if (this.audioLevelExtension === undefined) return;
    const level = audioLevel(header, this.audioLevelExtension);
    if (level !== undefined && level >= VOICED_LEVEL) append(this.#voiced, clientPort, at);
  }
}

function append(into: Map<number, number[]>, key: number, at: number): void {
  const times = into.get(key);
  if (times) times.push(at);
  else into.set(key, [at]);
}

import { setTimeout as delay } from "node:timers/promises";
import * as mediasoup from "mediasoup";
import { type WebRtcServer, type Worker } from "mediasoup/types";
import { AppError } from "../kit/errors.ts";
import { type Log } from "../kit/log.ts";
import { MediaRoom } from "./media-room.ts";
import { Pacer } from "./pacer.ts";

export type MediaOptions = {
  /** Processes, one core each. */
  workers: number;
  listenAddress: string;
  /** What browsers reach `listenAddress` by, when it is another. */
  announcedAddress?: string;
  /** Each worker listens on one UDP and TCP port, from this one upward; 0 lets the system choose. */
  firstPort: number;
  log: Log;
};

type Slot = { index: number; worker: Worker; webRtcServer: WebRtcServer; rooms: number };

/** A worker that keeps dying is started again after ever longer, up to so many ms. */
const LONGEST_BACK_OFF_MS = 10_000;

/** Throws MEDIA_UNAVAILABLE when workers can't run or their ports are taken. */
export async function createMedia(options: MediaOptions): Promise<Media> {
  const media = new Media(options);
  try {
    await media.start();
    return media;
  } catch (cause) {
    media.close();
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("MEDIA_UNAVAILABLE", `Calls are unavailable: ${detail}`, { cause });
  }
}

/** The media workers, and the rooms that are spread over them. */
export class Media {
  readonly #options: MediaOptions;
  readonly #slots = new Map<number, Slot>();
  readonly #rooms = new Map<string, Promise<MediaRoom>>();
  readonly #pacer = new Pacer();
  readonly #starting = new Set<Promise<void>>();
  #closed = false;

  constructor(options: MediaOptions) {
    this.#options = options;
  }

  get workerPids(): number[] {
    return Array.from(this.#slots.values(), ({ worker }) => worker.pid);
  }

  get roomsPerWorker(): number[] {
    return Array.from(this.#slots.values(), ({ rooms }) => rooms);
  }

  async start(): Promise<void> {
    const indices = Array.from({ length: this.#options.workers }, (_, index) => index);
    await Promise.all(indices.map((index) => this.#startWorker(index)));
  }

  /** The room that is open, or a new one on the worker with the fewest. */
  async openRoom(roomId: string): Promise<MediaRoom> {
    for (;;) {
      const opening = this.#rooms.get(roomId) ?? this.#createRoom(roomId);
      this.#rooms.set(roomId, opening);
      const room = await opening.catch((error: unknown) => {
        if (this.#rooms.get(roomId) === opening) this.#rooms.delete(roomId);
        throw error;
      });
      if (!room.closed) return room;
      if (this.#rooms.get(roomId) === opening) this.#rooms.delete(roomId);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { worker } of this.#slots.values()) worker.close();
    this.#slots.clear();
    this.#rooms.clear();
  }

  async #createRoom(roomId: string): Promise<MediaRoom> {
    const slot = await this.#leastLoaded();
    slot.rooms += 1;
    try {
      const router = await slot.worker.createRouter({
        mediaCodecs: [
          {
            kind: "audio",
            mimeType: "audio/opus",
            clockRate: 48_000,
            channels: 2,
            parameters: { useinbandfec: 1 },
          },
        ],
      });
      router.observer.once("close", () => {
        slot.rooms -= 1;
        this.#rooms.delete(roomId);
      });
      const direct = await router.createDirectTransport();
      const { webRtcServer } = slot;
      return new MediaRoom({ router, direct, webRtcServer, pacer: this.#pacer });
    } catch (cause) {
      slot.rooms -= 1;
      throw new AppError("MEDIA_UNAVAILABLE", "The call can't be set up now.", { cause });
    }
  }

  async #leastLoaded(): Promise<Slot> {
    if (this.#slots.size === 0 && !this.#closed) await Promise.race(this.#starting);
    const [first, ...rest] = this.#slots.values();
    if (!first) throw new AppError("MEDIA_UNAVAILABLE", "Calls are unavailable for the moment.");
    return rest.reduce((least, slot) => (slot.rooms < least.rooms ? slot : least), first);
  }

  async #startWorker(index: number): Promise<void> {
    const { listenAddress, announcedAddress, firstPort, log } = this.#options;
    const worker = await mediasoup.createWorker({ logLevel: "warn" });
    try {
      const port = firstPort === 0 ? undefined : firstPort + index;
      const address = { ip: listenAddress, announcedAddress, port };
      const webRtcServer = await worker.createWebRtcServer({
        listenInfos: [
          { protocol: "udp", ...address },
          { protocol: "tcp", ...address },
        ],
      });
      if (this.#closed) throw new Error("closed");
      this.#slots.set(index, { index, worker, webRtcServer, rooms: 0 });
    } catch (error) {
      worker.close();
      throw error;
    }
    worker.once("died", (error) => {
      log.error({ err: error, pid: worker.pid }, "a media worker died; another takes its place");
      this.#replace(index);
    });
  }

  #replace(index: number): void {
    this.#slots.delete(index);
    const restarting = this.#restart(index).finally(() => this.#starting.delete(restarting));
    this.#starting.add(restarting);
  }

  async #restart(index: number): Promise<void> {
    for (let attempt = 0; !this.#closed; attempt += 1) {
      // The first at once: rooms should speak again within seconds.
      if (attempt > 0) {
        await delay(Math.min(250 * 2 ** attempt, LONGEST_BACK_OFF_MS), undefined, { ref: false });
      }
      try {
        await this.#startWorker(index);
        return;
      } catch (error) {
        this.#options.log.error({ err: error }, "a media worker could not be started");
      }
    }
  }
}

import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import type { MediaRoom } from "./media-room.ts";
import { MediaWorker } from "./media-worker.ts";
import { Pacer } from "./pacer.ts";

export type MediaOptions = {
  /** Processes, one core each. */
  workers: number;
  /** A name or an address; `0.0.0.0` for every one that this machine has. */
  listenAddress: string;
  /** What browsers reach `listenAddress` by, when it is another. */
  announcedAddress?: string;
  /** Each worker listens on one UDP and TCP port, from this one upward; 0 lets the system choose. */
  firstPort: number;
  log: Log;
};

/** Whoever joins while no worker runs waits for so long. A worker is replaced in less. */
const PATIENCE_MS = 3_000;

/** Throws MEDIA_UNAVAILABLE when workers can't run or their ports are taken. */
export async function createMedia(options: MediaOptions): Promise<Media> {
  const { listenAddress, announcedAddress, firstPort, log } = options;
  const starting = Array.from({ length: options.workers }, (_, index) => {
    const port = firstPort === 0 ? undefined : firstPort + index;
    return MediaWorker.start({ listenAddress, announcedAddress, port, log });
  });
  const started = await Promise.allSettled(starting);
  const workers = started.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  const failed = started.find((start) => start.status === "rejected");
  const media = new Media(workers);
  if (!failed) return media;
  await media.close();
  throw failed.reason;
}

/** The media workers, and the rooms that are spread over them. */
export class Media {
  readonly #workers: readonly MediaWorker[];
  readonly #rooms = new Map<string, Promise<MediaRoom>>();
  readonly #pacer = new Pacer();
  #closed: Promise<void> | undefined;

  constructor(workers: readonly MediaWorker[]) {
    this.#workers = workers;
  }

  /** Of those that run at this moment. */
  get workerPids(): number[] {
    return this.#workers.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  get roomsPerWorker(): number[] {
    return this.#workers.map(({ rooms }) => rooms);
  }

  /**
   * The room that is open, or a new one on the worker with the fewest. Throws MEDIA_UNAVAILABLE when
   * no worker runs and none is back within 3 s.
   */
  openRoom(roomId: string): Promise<MediaRoom> {
    const open = this.#rooms.get(roomId);
    if (open) return open;
    const forget = () => {
      if (this.#rooms.get(roomId) === opening) this.#rooms.delete(roomId);
    };
    const opening = this.#createRoom(forget);
    this.#rooms.set(roomId, opening);
    opening.catch(forget);
    return opening;
  }

  /** Ends all rooms. Resolves when the workers' processes have ended. */
  close(): Promise<void> {
    this.#closed ??= Promise.all(this.#workers.map((worker) => worker.close())).then(() => {});
    return this.#closed;
  }

  async #createRoom(onClose: () => void): Promise<MediaRoom> {
    const options = { pacer: this.#pacer, onClose };
    await this.#workerReady();
    const worker = this.#leastLoaded();
    try {
      return await worker.openRoom(options);
    } catch (error) {
      if (this.#closed || worker.pid !== undefined) throw error;
    }
    // It died under our hands: another does it, or the one that takes its place.
    await this.#workerReady();
    return await this.#leastLoaded().openRoom(options);
  }

  async #workerReady(): Promise<void> {
    if (this.workerPids.length > 0 || this.#closed) return;
    const patience = delay(PATIENCE_MS, undefined, { ref: false });
    await Promise.race([patience, ...this.#workers.map(({ ready }) => ready)]);
  }

  /** To be used at once: rooms that are opened at the same moment count. */
  #leastLoaded(): MediaWorker {
    const [first, ...rest] = this.#workers.filter(({ pid }) => pid !== undefined);
    if (!first) throw new AppError("MEDIA_UNAVAILABLE", "Calls are unavailable for the moment.");
    return rest.reduce((least, worker) => (worker.rooms < least.rooms ? worker : least), first);
  }
}

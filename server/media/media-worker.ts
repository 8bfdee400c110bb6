import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import * as mediasoup from "mediasoup";
import type { Router, WebRtcServer, Worker } from "mediasoup/types";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import { listenAddresses } from "./listen-addresses.ts";
import { MediaRoom } from "./media-room.ts";
import type { Pacer } from "./pacer.ts";

export type MediaWorkerOptions = {
  /** A name or an address; `0.0.0.0` for every one that this machine has. */
  listenAddress: string;
  announcedAddress: string | undefined;
  /** UDP and TCP. Any free one when undefined. */
  port: number | undefined;
  log: Log;
};

type Running = { worker: Worker; webRtcServer: WebRtcServer; rooms: number; startedAt: number };

/** A worker that lived as long has got over what killed the one before. */
const HEALTHY_AFTER_MS = 30_000;
const LONGEST_BACK_OFF_MS = 10_000;
/** What the process may take to end. */
const EXIT_MS = 1_000;

/** Opus in stereo is how RTP describes all of it. */
const mediaCodecs = [
  {
    kind: "audio" as const,
    mimeType: "audio/opus",
    clockRate: 48_000,
    channels: 2,
    parameters: { useinbandfec: 1 },
  },
];

/** A mediasoup process on a port of its own. When it dies, another takes its place. */
export class MediaWorker {
  readonly #options: MediaWorkerOptions;
  readonly #closing = new AbortController();
  #running: Running | undefined;
  #up = Promise.withResolvers<void>();
  #replacing: Promise<void> | undefined;
  /** Deaths and failed starts in a row. */
  #failures = 0;

  /** Throws MEDIA_UNAVAILABLE when the process can't run or the port is taken. */
  static async start(options: MediaWorkerOptions): Promise<MediaWorker> {
    const worker = new MediaWorker(options);
    await worker.#start();
    return worker;
  }

  private constructor(options: MediaWorkerOptions) {
    this.#options = options;
  }

  /** Undefined while there is no process. */
  get pid(): number | undefined {
    return this.#running?.worker.pid;
  }

  /** Rooms that are open or about to be. */
  get rooms(): number {
    return this.#running?.rooms ?? 0;
  }

  /** Resolves when the process runs. */
  get ready(): Promise<void> {
    return this.#up.promise;
  }

  /** Throws MEDIA_UNAVAILABLE when the process dies meanwhile. */
  async openRoom({ pacer, onClose }: { pacer: Pacer; onClose: () => void }): Promise<MediaRoom> {
    const running = this.#running;
    if (!running) throw new AppError("MEDIA_UNAVAILABLE", "Calls are unavailable for the moment.");
    const { worker, webRtcServer } = running;
    let router: Router | undefined;
    running.rooms += 1;
    try {
      router = await worker.createRouter({ mediaCodecs });
      const direct = await router.createDirectTransport();
      router.observer.once("close", () => {
        running.rooms -= 1;
        onClose();
      });
      return new MediaRoom({ worker, router, direct, webRtcServer, pacer });
    } catch (cause) {
      running.rooms -= 1;
      router?.close();
      throw new AppError("MEDIA_UNAVAILABLE", "The call can't be set up now.", { cause });
    }
  }

  /** Resolves when the process has ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    const worker = this.#running?.worker;
    this.#running = undefined;
    worker?.close();
    await this.#replacing;
    if (!worker || worker.subprocessClosed) return;
    await Promise.race([
      once(worker, "subprocessclose"),
      delay(EXIT_MS, undefined, { ref: false }),
    ]);
  }

  async #start(): Promise<void> {
    // At a lower level each datagram of garbage would come to this process as a line.
    const worker = await mediasoup.createWorker({ logLevel: "error" }).catch((cause: unknown) => {
      throw new AppError(
        "MEDIA_UNAVAILABLE",
        "Calls are unavailable: the media worker could not be started.",
        { cause },
      );
    });
    let webRtcServer: WebRtcServer;
    try {
      webRtcServer = await this.#listen(worker);
    } catch (error) {
      worker.close();
      throw error;
    }
    if (this.#closing.signal.aborted) return worker.close();
    this.#running = { worker, webRtcServer, rooms: 0, startedAt: performance.now() };
    this.#up.resolve();
    worker.once("died", (error) => {
      this.#options.log.error({ err: error, pid: worker.pid }, "a media worker died");
      this.#died();
    });
  }

  async #listen(worker: Worker): Promise<WebRtcServer> {
    const { listenAddress, announcedAddress, port } = this.#options;
    try {
      const addresses = await listenAddresses(listenAddress, announcedAddress !== undefined);
      const protocols = ["udp", "tcp"] as const;
      const listenInfos = protocols.flatMap((protocol) =>
        addresses.map((ip) => ({ protocol, ip, announcedAddress, port })),
      );
      return await worker.createWebRtcServer({ listenInfos });
    } catch (cause) {
      const what = port === undefined ? "a media port" : `the media port ${port}`;
      const message = `Calls are unavailable: ${what} at ${listenAddress} could not be opened.`;
      throw new AppError("MEDIA_UNAVAILABLE", message, { cause });
    }
  }

  #died(): void {
    const lived = performance.now() - (this.#running?.startedAt ?? 0);
    if (lived > HEALTHY_AFTER_MS) this.#failures = 0;
    this.#running = undefined;
    this.#up = Promise.withResolvers<void>();
    this.#replacing = this.#replace();
  }

  async #replace(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      // The first at once, for its rooms should speak again within seconds.
      const backOffMs = this.#failures === 0 ? 0 : 125 * 2 ** this.#failures;
      this.#failures += 1;
      const wait = Math.min(backOffMs, LONGEST_BACK_OFF_MS);
      await delay(wait, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#start();
        return;
      } catch (error) {
        this.#options.log.error({ err: error }, "a media worker could not be started again");
      }
    }
  }
}

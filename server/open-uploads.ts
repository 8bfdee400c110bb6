import { join } from "node:path";
import type { Config } from "./config.ts";
import type { Database } from "./database/database.ts";
import type { Closing } from "./kit/closing.ts";
import type { Log } from "./kit/log.ts";
import type { Rooms } from "./room/rooms.ts";
import { createLocalStorage } from "./storage/local-storage.ts";
import type { Storage } from "./storage/storage.ts";
import { createUploads, type Uploads } from "./upload/uploads.ts";

/** The files of this server, and sentences about what is wrong with where they are kept. */
export async function openUploads(deps: {
  db: Database;
  rooms: Pick<Rooms, "requireMember" | "membership">;
  config: Config;
  log: Log;
  closing: Closing;
}): Promise<{ uploads: Uploads; storage: Storage; notices: string[] }> {
  const { db, rooms, config, log, closing } = deps;
  const directory = join(config.dataDirectory, "uploads");
  const storage = await openStorage(config, join(directory, "files"));
  closing.add("storage", () => storage.close());
  const notices: string[] = [];
  // Nothing takes the place of a storage that was asked for.
  await storage.check().catch((error: unknown) => {
    log.error({ err: error instanceof Error ? error.cause : error }, "files can't be stored");
    const place = config.s3
      ? "Files can't be kept in the S3 bucket"
      : "Files can't be kept on disk";
    notices.push(`${place}: check the settings and the log. Until then nobody can send any.`);
  });
  const uploads = await createUploads({
    db,
    storage,
    incomingDirectory: join(directory, "incoming"),
    limits: config.uploads,
    requireMember: rooms.requireMember,
    membership: rooms.membership,
    log,
  });
  closing.add("uploads", () => uploads.close());
  return { uploads, storage, notices };
}

/** The client of S3 is large: only who needs it loads it. */
async function openStorage(config: Config, directory: string): Promise<Storage> {
  if (!config.s3) return await createLocalStorage(directory);
  const { createS3Storage } = await import("./storage/s3-storage.ts");
  return createS3Storage(config.s3);
}

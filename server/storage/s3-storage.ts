import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import {
  isStorageKey,
  requireStorageKey,
  type Storage,
  storageUnavailable,
  type StoredFile,
} from "./storage.ts";

export type S3Settings = {
  /** Such as `https://s3.eu-central-1.amazonaws.com`. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
};

/** Bytes of one part: what an upload holds in memory. */
const PART_BYTES = 8 * 1024 * 1024;
const CONNECT_MS = 3000;
/** Without a byte from the server. */
const SILENCE_MS = 30_000;

/** Files as objects in a bucket of an S3-compatible server. Asks the server nothing before it is used. */
export function createS3Storage(settings: S3Settings): Storage {
  const { bucket: Bucket } = settings;
  const client = new S3Client({
    endpoint: settings.endpoint,
    region: settings.region,
    credentials: {
      accessKeyId: settings.accessKeyId,
      secretAccessKey: settings.secretAccessKey,
    },
    // A bucket as part of the host's name is what only some servers know.
    forcePathStyle: true,
    // The same with checksums of newer kinds.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
    maxAttempts: 3,
  });

  /** `undefined` for what isn't there. */
  async function ask<Answer>(request: Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await request;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storageUnavailable(error);
    }
  }

  async function insist<Answer>(request: Promise<Answer>): Promise<Answer> {
    try {
      return await request;
    } catch (error) {
      throw storageUnavailable(error);
    }
  }

  return {
    async put(key, path, { contentType, signal }) {
      signal?.throwIfAborted();
      const Body = createReadStream(path);
      const upload = new Upload({
        client,
        params: { Bucket, Key: requireStorageKey(key), Body, ContentType: contentType },
        partSize: PART_BYTES,
        queueSize: 1,
        leavePartsOnError: false,
      });
      const abort = () => void upload.abort();
      signal?.addEventListener("abort", abort, { once: true });
      try {
        await upload.done();
      } catch (error) {
        signal?.throwIfAborted();
        throw storageUnavailable(error);
      } finally {
        signal?.removeEventListener("abort", abort);
        Body.destroy();
      }
      await rm(path, { force: true });
    },

    async open(key, { range, signal } = {}) {
      const Range = range && `bytes=${range.start}-${range.end}`;
      const command = new GetObjectCommand({ Bucket, Key: requireStorageKey(key), Range });
      const answer = await ask(client.send(command, { abortSignal: signal }));
      if (answer === undefined) return undefined;
      if (answer.Body instanceof Readable) return answer.Body;
      throw storageUnavailable(new Error("the object came without a body"));
    },

    async has(key) {
      const command = new HeadObjectCommand({ Bucket, Key: requireStorageKey(key) });
      return (await ask(client.send(command))) !== undefined;
    },

    async remove(key) {
      await insist(client.send(new DeleteObjectCommand({ Bucket, Key: requireStorageKey(key) })));
    },

    async list({ after, limit }) {
      const found: StoredFile[] = [];
      // Others may keep something in the bucket, too.
      for (let StartAfter = after; ;) {
        const command = new ListObjectsV2Command({ Bucket, StartAfter, MaxKeys: limit });
        const { Contents = [], IsTruncated = false } = await insist(client.send(command));
        for (const { Key: key, Size: bytes, LastModified: modifiedAt } of Contents) {
          if (key === undefined || bytes === undefined || !modifiedAt) continue;
          if (isStorageKey(key)) found.push({ key, bytes, modifiedAt });
        }
        StartAfter = Contents.at(-1)?.Key;
        if (found.length >= limit) return found.slice(0, limit);
        if (!IsTruncated || StartAfter === undefined) return found;
      }
    },

    async removeUnfinished(before) {
      const { Uploads = [] } = await insist(
        client.send(new ListMultipartUploadsCommand({ Bucket })),
      );
      for (const { Key, UploadId, Initiated } of Uploads) {
        if (Key === undefined || !isStorageKey(Key) || !Initiated || Initiated >= before) continue;
        await ask(client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })));
      }
    },

    async check() {
      await insist(client.send(new HeadBucketCommand({ Bucket })));
    },

    close: () => client.destroy(),
  };
}

/** Without an object; a bucket that isn't there is a wrong setting. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return ["NoSuchKey", "NotFound", "NoSuchUpload"].includes(error.name);
}

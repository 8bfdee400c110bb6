import { z } from "zod";
import { type SentUploadKind, type Upload, uploadKindSchema } from "../../shared/upload.ts";
import { ParleyError, refusalOf, toParleyError, unreachable } from "./parley-error.ts";

export type UploadOptions = {
  kind: SentUploadKind;
  /** For photos and sounds of a room. */
  roomId?: string;
  /** What the file is called. A File brings its own. */
  name?: string;
  /** Bytes that have left, of all that have to. The last call says that all have. */
  onProgress?: (sentBytes: number, totalBytes: number) => void;
  signal?: AbortSignal;
};

/** Files to the server, and back. Everything rejects with a ParleyError, or with what `signal` says. */
export interface Uploads {
  upload: (file: Blob, options: UploadOptions) => Promise<Upload>;
  /** The content of an upload, an attachment or a picture of somebody: `url` is theirs. */
  download: (url: string, options?: { signal?: AbortSignal }) => Promise<Blob>;
}

type Answer = { status: number; text: string };

type Sending = {
  url: URL;
  file: Blob;
  fileName: string;
  token: string | undefined;
  onProgress: (sentBytes: number, totalBytes: number) => void;
  signal: AbortSignal | undefined;
};

const uploadSchema: z.ZodType<Upload> = z.object({
  id: z.string(),
  kind: uploadKindSchema,
  url: z.string(),
  contentType: z.string(),
  bytes: z.number(),
  name: z.string(),
  width: z.number().exactOptional(),
  height: z.number().exactOptional(),
  durationMs: z.number().exactOptional(),
  createdAt: z.string(),
});

export function createUploads(options: {
  /** The server's address. */
  url: string;
  token: () => Promise<string | undefined>;
}): Uploads {
  const findToken = async () => {
    try {
      return await options.token();
    } catch (error) {
      throw toParleyError(error);
    }
  };

  return {
    async upload(file, { kind, roomId, name, onProgress = () => undefined, signal }) {
      signal?.throwIfAborted();
      const url = new URL(`/uploads/${kind}`, options.url);
      if (roomId !== undefined) url.searchParams.set("roomId", roomId);
      const fileName = name ?? (file instanceof File ? file.name : "file");
      const token = await findToken();
      const send = typeof XMLHttpRequest === "undefined" ? sendByFetch : sendByXhr;
      const { status, text } = await send({ url, file, fileName, token, onProgress, signal });
      if (status !== 200) throw refusalOf(text);
      return uploadSchema.parse(JSON.parse(text));
    },

    async download(path, { signal } = {}) {
      const url = new URL(path, options.url);
      // What says who one is goes to this server alone, whatever address a message brings.
      if (url.origin !== new URL(options.url).origin) {
        throw new ParleyError("UPLOAD_NOT_FOUND", "This file is not on this server.");
      }
      const token = await findToken();
      const answer = await reaching(
        () => fetch(url, { headers: authorization(token), credentials: "include", signal }),
        signal,
      );
      if (!answer.ok) throw refusalOf(await answer.text());
      return await reaching(() => answer.blob(), signal);
    },
  };
}

const authorization = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** Browsers tell how far a request has come only by this. */
function sendByXhr({ url, file, fileName, token, onProgress, signal }: Sending): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.withCredentials = true;
    for (const [name, value] of Object.entries(authorization(token))) {
      request.setRequestHeader(name, value);
    }
    const abort = () => request.abort();
    signal?.addEventListener("abort", abort, { once: true });
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded, total));
    request.addEventListener("load", () =>
      resolve({ status: request.status, text: request.responseText }),
    );
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(signal?.reason ?? unreachable()));
    request.addEventListener("loadend", () => signal?.removeEventListener("abort", abort));
    const form = new FormData();
    form.set("file", file, fileName);
    request.send(form);
  });
}

/** Elsewhere the body is a stream that counts what is taken out of it. */
async function sendByFetch(sending: Sending): Promise<Answer> {
  const { url, file, fileName, token, onProgress, signal } = sending;
  const boundary = `parley-${crypto.randomUUID()}`;
  // As browsers write it.
  const escaped = fileName.replace(/["\r\n]/gu, (sign) => encodeURIComponent(sign));
  const disposition = `form-data; name="file"; filename="${escaped}"`;
  const head = `--${boundary}\r\ncontent-disposition: ${disposition}\r\n\r\n`;
  // A file on the disk stays there until it is read.
  const body = new Blob([head, file, `\r\n--${boundary}--\r\n`]);
  const type = `multipart/form-data; boundary=${boundary}`;
  let sent = 0;
  const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      sent += chunk.byteLength;
      onProgress(sent, body.size);
      controller.enqueue(chunk);
    },
  });
  const init: RequestInit & { duplex: "half" } = {
    method: "POST",
    headers: { ...authorization(token), "content-type": type },
    body: body.stream().pipeThrough(counting),
    duplex: "half",
    ...(signal && { signal }),
  };
  return await reaching(async () => {
    const answer = await fetch(url, init);
    return { status: answer.status, text: await answer.text() };
  }, signal);
}

async function reaching<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(error);
  }
}

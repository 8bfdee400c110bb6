import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { S3Settings } from "../s3-storage.ts";
import { refusalOf } from "./s3-signature.ts";

type StoredObject = { body: Buffer; type: string; modifiedAt: Date };
type PendingUpload = { key: string; type: string; startedAt: Date; parts: Map<number, Buffer> };

const MIN_PART_BYTES = 5 * 1024 * 1024;
const etagOf = (body: Buffer) => `"${createHash("md5").update(body).digest("hex")}"`;

/**
 * One bucket of an S3 server, in memory, on a free port of this machine. It takes only requests with the
 * right signature, and refuses what S3 refuses: parts that are too small, ranges outside, other buckets.
 */
export async function startS3Server() {
  const credentials = {
    accessKeyId: "AKIDTEST",
    secretAccessKey: "a/secret+key",
    region: "eu-test-1",
  };
  const bucket = "parley-files";
  const objects = new Map<string, StoredObject>();
  const uploads = new Map<string, PendingUpload>();
  const requests: string[] = [];
  let fault: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    if (fault?.(request, response)) return;
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(request, response, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("no port");

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const url = new URL(request.url ?? "", "http://host");
    const [, name, key] = /^\/([^/]+)(?:\/(.*))?$/u.exec(decodeURIComponent(url.pathname)) ?? [];
    const refusal = refusalOf(request, body, credentials);
    requests.push(`${request.method} ${key ? "object" : "bucket"}`);
    if (refusal) return fail(response, 403, refusal);
    if (name !== bucket) return fail(response, 404, "NoSuchBucket");
    if (!key) return ofBucket(request, response, url.searchParams);
    return ofObject(request, response, { key, query: url.searchParams, body });
  }

  function ofBucket(request: IncomingMessage, response: ServerResponse, query: URLSearchParams) {
    if (request.method === "HEAD") return void response.end();
    if (request.method !== "GET") return fail(response, 405, "MethodNotAllowed");
    if (query.has("uploads")) {
      const items = Array.from(uploads, ([id, { key, startedAt }]) => {
        const inside =
          tag("Key", key) + tag("UploadId", id) + tag("Initiated", startedAt.toISOString());
        return tag("Upload", inside);
      });
      return send(response, tag("ListMultipartUploadsResult", items.join("")));
    }
    const after = query.get("start-after") ?? "";
    const keys = Array.from(objects.keys()).filter((key) => key > after);
    const items = keys.toSorted().slice(0, Number(query.get("max-keys") ?? 1000));
    const contents = items.map((key) => {
      const { body = Buffer.alloc(0), modifiedAt = new Date() } = objects.get(key) ?? {};
      const inside = tag("Key", key) + tag("LastModified", modifiedAt.toISOString());
      return tag("Contents", inside + tag("Size", `${body.length}`) + tag("ETag", etagOf(body)));
    });
    const isTruncated = tag("IsTruncated", `${keys.length > items.length}`);
    return send(response, tag("ListBucketResult", isTruncated + contents.join("")));
  }

  function ofObject(
    request: IncomingMessage,
    response: ServerResponse,
    { key, query, body }: { key: string; query: URLSearchParams; body: Buffer },
  ): void {
    const uploadId = query.get("uploadId");
    const type = request.headers["content-type"] ?? "binary/octet-stream";
    if (request.method === "POST" && query.has("uploads")) {
      const id = randomUUID();
      uploads.set(id, { key, type, startedAt: new Date(), parts: new Map() });
      return send(
        response,
        tag("InitiateMultipartUploadResult", tag("Key", key) + tag("UploadId", id)),
      );
    }
    if (uploadId !== null) {
      const upload = uploads.get(uploadId);
      if (!upload || upload.key !== key) return fail(response, 404, "NoSuchUpload");
      if (request.method === "PUT") {
        upload.parts.set(Number(query.get("partNumber")), body);
        return void response.setHeader("etag", etagOf(body)).end();
      }
      if (request.method === "DELETE") {
        uploads.delete(uploadId);
        return void response.writeHead(204).end();
      }
      return complete(response, uploadId, upload, body.toString());
    }
    if (request.method === "PUT") {
      objects.set(key, { body, type, modifiedAt: new Date() });
      return void response.setHeader("etag", etagOf(body)).end();
    }
    if (request.method === "DELETE") {
      objects.delete(key);
      return void response.writeHead(204).end();
    }
    return read(request, response, objects.get(key));
  }

  function complete(
    response: ServerResponse,
    id: string,
    upload: PendingUpload,
    xml: string,
  ): void {
    const named = Array.from(xml.matchAll(/<Part>(.*?)<\/Part>/gsu), ([, part = ""]) => ({
      number: Number(/<PartNumber>(\d+)</u.exec(part)?.[1]),
      etag: /<ETag>(.*?)</u.exec(part)?.[1]?.replaceAll("&quot;", '"'),
    }));
    const parts = named.map(({ number }) => upload.parts.get(number));
    const whole = parts.every(
      (part, index) =>
        part !== undefined &&
        named[index]?.number === index + 1 &&
        named[index].etag === etagOf(part) &&
        (index === parts.length - 1 || part.length >= MIN_PART_BYTES),
    );
    if (!whole || parts.length === 0) return fail(response, 400, "InvalidPart");
    const body = Buffer.concat(parts.filter((part) => part !== undefined));
    objects.set(upload.key, { body, type: upload.type, modifiedAt: new Date() });
    uploads.delete(id);
    return send(response, tag("CompleteMultipartUploadResult", tag("ETag", etagOf(body))));
  }

  return {
    settings: {
      ...credentials,
      endpoint: `http://127.0.0.1:${address.port}`,
      bucket,
    } satisfies S3Settings,
    objects,
    uploads,
    requests,
    /** Answers in place of the server while it gives true. */
    setFault(next: typeof fault) {
      fault = next;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function read(request: IncomingMessage, response: ServerResponse, found?: StoredObject): void {
  if (!found) return fail(response, 404, "NoSuchKey");
  const { body, type, modifiedAt } = found;
  response.setHeader("content-type", type);
  response.setHeader("etag", etagOf(body));
  response.setHeader("last-modified", modifiedAt.toUTCString());
  const range = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? "");
  if (request.headers.range === undefined) {
    response.setHeader("content-length", body.length);
    return void response.end(request.method === "HEAD" ? undefined : body);
  }
  const [start, end] = [Number(range?.[1]), Number(range?.[2])];
  if (!range || start >= body.length || end < start) return fail(response, 416, "InvalidRange");
  const part = body.subarray(start, end + 1);
  const last = start + part.length - 1;
  response.setHeader("content-range", `bytes ${start}-${last}/${body.length}`);
  return void response.writeHead(206).end(part);
}

const tag = (name: string, inside: string) => `<${name}>${inside}</${name}>`;

function send(response: ServerResponse, xml: string): void {
  response.setHeader("content-type", "application/xml");
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.statusCode = status;
  send(response, tag("Error", tag("Code", code) + tag("Message", code)));
}

import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import multipart, { type MultipartFile } from "@fastify/multipart";
import { TRPCError } from "@trpc/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { idSchema } from "../../shared/page.ts";
import { sentUploadKindSchema, uploadQuerySchema, type Upload } from "../../shared/upload.ts";
import { describeError, type ErrorDescription } from "../kit/describe-error.ts";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import { type Caller, errorShape } from "../kit/procedures.ts";
import { contentDisposition } from "../upload/file-name.ts";
import type { Uploads } from "../upload/uploads.ts";
import type { SessionStore } from "../account/session-store.ts";
import {
  authenticate,
  cookieSetter,
  createContext,
  requireOpen,
  tokenOf,
} from "./authentication.ts";
import { parseByteRange } from "./byte-range.ts";
import type { Connections } from "./connections.ts";
import type { RateLimits } from "./rate-limits.ts";

export type UploadRouteDependencies = {
  uploads: Uploads;
  sessions: SessionStore;
  connections: Connections;
  rateLimits: RateLimits;
  log: Log;
  secureCookies: boolean;
};

/** Whoever sends or takes nothing for so long is gone. */
const SILENCE_MS = 120_000;
/** However slowly it comes. */
const UPLOAD_MS = 60 * 60 * 1000;
/** Of what comes after a refusal so much is read: most clients hear nothing before they have said all. */
const DRAIN = { bytes: 64 * 1024 * 1024, ms: 5000 };

const kindParams = z.object({ kind: sentUploadKindSchema });
const idParams = z.object({ id: idSchema });

/** POST /uploads/<kind> and GET /uploads/<id>. */
export async function serveUploads(
  server: FastifyInstance,
  deps: UploadRouteDependencies,
): Promise<void> {
  const { uploads, sessions, connections, rateLimits, log, secureCookies } = deps;
  const open = new Set<AbortController>();

  // Nothing but forms, and of those nothing is kept in memory.
  server.removeAllContentTypeParsers();
  await server.register(multipart, {
    limits: { files: 1, fields: 4, parts: 8, fieldNameSize: 64, fieldSize: 256, headerPairs: 32 },
  });
  // The server waits for requests that are under way. These may take long.
  server.addHook("preClose", (done) => {
    for (const controller of open) controller.abort(closing());
    done();
  });
  server.setErrorHandler((error, request, reply) =>
    refuse(request, reply, describe(error, request.raw, log)),
  );

  /**
   * Who calls, and a signal that aborts, with the request, when their session ends, the server closes or
   * it takes too long.
   */
  async function begin(request: FastifyRequest, reply: FastifyReply, path: string) {
    const setCookie = cookieSetter(reply, secureCookies);
    const session = await authenticate(sessions, tokenOf(request), setCookie);
    const context = createContext(request, session, rateLimits);
    await context.limit(path);
    requireOpen(reply);
    const controller = new AbortController();
    const remove = session && connections.add(session, () => controller.abort(signedOut()));
    const limit = setTimeout(() => controller.abort(tooSlow()), UPLOAD_MS);
    const gone = () => request.raw.destroy();
    controller.signal.addEventListener("abort", gone, { once: true });
    open.add(controller);
    request.raw.setTimeout(SILENCE_MS, () => controller.abort(tooSlow()));
    reply.raw.once("close", () => {
      clearTimeout(limit);
      remove?.();
      open.delete(controller);
      controller.signal.removeEventListener("abort", gone);
      // The timeout is left alone: it is how long the connection may wait for another request by now.
    });
    return { caller: context.caller, controller };
  }

  server.post<{ Params: { kind: string } }>("/uploads/:kind", async (request, reply) => {
    const { caller, controller } = await begin(request, reply, "upload.create");
    if (!caller) throw new AppError("NOT_SIGNED_IN", "You are not signed in, or no longer.");
    const { kind } = kindParams.parse(request.params);
    const { file, roomId } = await findFile(request);
    const expected = Number(request.headers["content-length"]);
    return await uploads.receive({
      accountId: caller.accountId,
      guest: caller.guest,
      kind,
      roomId,
      name: nameOf(file),
      expectedBytes: Number.isSafeInteger(expected) ? expected : undefined,
      source: file.file,
      signal: controller.signal,
    });
  });

  server.get<{ Params: { id: string } }>("/uploads/:id", async (request, reply) => {
    const { caller, controller } = await begin(request, reply, "upload.get");
    const { id } = idParams.parse(request.params);
    // Nobody learns whether there is something to sign in for.
    if (!caller) throw new AppError("UPLOAD_NOT_FOUND", "There is no such file.");
    const upload = await uploads.get(caller.accountId, id);
    return await sendUpload(request, reply, { uploads, caller, upload, signal: controller.signal });
  });

  // Asked for by browsers before they send anything from pages of other addresses.
  server.options("/uploads/:id", (_request, reply) => reply.code(204).send());
}

/** The fields before the file, and the file, of which nothing has been read yet. */
async function findFile(
  request: FastifyRequest,
): Promise<{ file: MultipartFile; roomId: string | undefined }> {
  const fields: Record<string, unknown> = {};
  const parts = request.parts({ limits: { fileSize: Number.MAX_SAFE_INTEGER } });
  for (;;) {
    const next = await parts.next();
    if (next.done) throw new AppError("UPLOAD_EMPTY", "No file came with the request.");
    const part = next.value;
    if (part.type === "file") {
      const query = uploadQuerySchema.parse(request.query);
      const { roomId } = uploadQuerySchema.parse(fields);
      return { file: part, roomId: roomId ?? query.roomId };
    }
    fields[part.fieldname] = part.value;
  }
}

/** A part without one is a file, too, when it says that it is bytes: the type doesn't know. */
function nameOf({ filename }: { filename?: string | undefined }): string {
  return filename ?? "";
}

/** Whole, a part, or "you have it": each only to whoever was just found to be allowed to see it. */
async function sendUpload(
  request: FastifyRequest,
  reply: FastifyReply,
  options: { uploads: Uploads; caller: Caller; upload: Upload; signal: AbortSignal },
): Promise<FastifyReply> {
  const { uploads, caller, upload, signal } = options;
  const { id, contentType, bytes, name } = upload;
  const etag = `"${id}"`;
  const isMedia = /^(image|audio)\//u.test(contentType);
  void reply.headers({
    etag,
    // Kept by the one browser alone, and asked about each time: rights end.
    "cache-control": "private, no-cache",
    vary: "cookie, authorization, origin",
    "accept-ranges": "bytes",
    "x-content-type-options": "nosniff",
    // Whatever it is, it runs nothing, loads nothing and belongs to no page of ours.
    "content-security-policy": "default-src 'none'; img-src 'self'; media-src 'self'; sandbox",
    "cross-origin-resource-policy": "same-site",
    "content-disposition": contentDisposition(isMedia ? "inline" : "attachment", name),
  });
  if (namesTag(request.headers["if-none-match"], etag)) return reply.code(304).send();

  const condition = request.headers["if-range"];
  const wanted = condition === undefined || condition === etag ? request.headers.range : undefined;
  const range = parseByteRange(wanted, bytes);
  if (range === "unsatisfiable") {
    const shape = errorShape({
      reason: "RANGE_INVALID",
      message: "Nothing of the file lies in this range.",
    });
    return reply
      .removeHeader("content-disposition")
      .code(416)
      .header("content-range", `bytes */${bytes}`)
      .send({ error: { ...shape, data: { ...shape.data, httpStatus: 416 } } });
  }
  const length = range ? range.end - range.start + 1 : bytes;
  void reply.type(contentType).header("content-length", length);
  if (range) {
    void reply.code(206).header("content-range", `bytes ${range.start}-${range.end}/${bytes}`);
  }
  // Nobody reads it, and the length that was said stays.
  if (request.method === "HEAD") return reply.send(Readable.from([]));
  const content = await uploads.open(caller.accountId, id, { ...(range && { range }), signal });
  return reply.send(content);
}

function namesTag(header: string | undefined, etag: string): boolean {
  const tags = header?.split(",").map((tag) => tag.trim().replace(/^W\//u, ""));
  return tags?.some((tag) => tag === etag || tag === "*") ?? false;
}

async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  description: ErrorDescription,
): Promise<FastifyReply> {
  const shape = errorShape(description);
  const { retryAfterSeconds } = description;
  if (!(await drain(request.raw))) void reply.header("connection", "close");
  // What was said about the file is not about this.
  for (const name of ["etag", "content-disposition", "content-length", "content-range"]) {
    void reply.removeHeader(name);
  }
  if (retryAfterSeconds !== undefined) void reply.header("retry-after", `${retryAfterSeconds}`);
  void reply.header("cache-control", "no-store");
  return reply.code(shape.data.httpStatus).type("application/json").send({ error: shape });
}

/** Gives whether nothing more will come. */
async function drain(request: IncomingMessage): Promise<boolean> {
  if (request.readableEnded || request.destroyed) return request.readableEnded;
  request.unpipe();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, DRAIN.ms);
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > DRAIN.bytes) resolve();
  });
  request.once("end", resolve);
  request.once("close", resolve);
  request.resume();
  await promise;
  clearTimeout(timer);
  return request.readableEnded;
}

function describe(error: unknown, request: IncomingMessage, log: Log): ErrorDescription {
  const description = describeError(new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: error }));
  if (description.reason === "STORAGE_UNAVAILABLE") {
    log.error({ err: error instanceof Error ? error.cause : error }, "the storage failed");
  }
  if (description.reason !== "INTERNAL") return description;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // What the framework and its parser of forms find wrong with a request.
  if (/^FST_(ERR_CTP|INVALID|MP_|PARTS|FILES|FIELDS|PROTO)/u.test(code)) {
    const message = "The request must be a form (multipart/form-data) with one file.";
    return { reason: "INPUT_INVALID", message };
  }
  const sentence = error instanceof Error ? error.message : "";
  const cutOff = request.destroyed && !request.complete;
  if (cutOff || /terminated early|multipart|boundary/iu.test(sentence)) {
    return { reason: "INPUT_INVALID", message: "The request ended before the file did." };
  }
  log.error({ err: error }, "an upload failed");
  return description;
}

function signedOut(): AppError {
  return new AppError("NOT_SIGNED_IN", "You are not signed in, or no longer.");
}

function closing(): AppError {
  return new AppError("SERVER_CLOSING", "The server is closing.");
}

function tooSlow(): AppError {
  return new AppError("CLIENT_CLOSED_REQUEST", "The file came too slowly.");
}

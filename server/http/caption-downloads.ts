import { Readable } from "node:stream";
import { TRPCError } from "@trpc/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { captionSelectionSchema } from "../../shared/caption.ts";
import { idSchema } from "../../shared/page.ts";
import type { SessionStore } from "../account/session-store.ts";
import { describeExport } from "../call/export/export-captions.ts";
import type { Transcripts } from "../call/transcripts.ts";
import { describeError } from "../kit/describe-error.ts";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import { errorShape } from "../kit/procedures.ts";
import {
  authenticate,
  cookieSetter,
  createContext,
  requireOpen,
  tokenOf,
} from "./authentication.ts";
import type { Connections } from "./connections.ts";
import type { RateLimits } from "./rate-limits.ts";

export type CaptionDownloadDependencies = {
  transcripts: Transcripts;
  sessions: SessionStore;
  connections: Connections;
  rateLimits: RateLimits;
  log: Log;
  secureCookies: boolean;
};

type Route = { Params: { roomId: string; format: string }; Querystring: Record<string, unknown> };

const roomSchema = z.object({ roomId: idSchema });

/** GET /rooms/<id>/captions.<format>: a transcript as a file, however long it is. */
export function serveCaptionDownloads(
  server: FastifyInstance,
  deps: CaptionDownloadDependencies,
): void {
  const { transcripts, sessions, connections, rateLimits, log, secureCookies } = deps;
  const open = new Set<AbortController>();

  // The server waits for requests that are under way. These may take long.
  server.addHook("preClose", (done) => {
    for (const controller of open) controller.abort();
    done();
  });
  server.setErrorHandler((error, _request, reply) => refuse(error, reply, log));

  /** Who asks, and a signal that aborts when they are gone, their session ends or the server closes. */
  async function begin(request: FastifyRequest, reply: FastifyReply) {
    const setCookie = cookieSetter(reply, secureCookies);
    const session = await authenticate(sessions, tokenOf(request), setCookie);
    const { caller, limit } = createContext(request, session, rateLimits);
    await limit("call.exportCaptions");
    if (!session || !caller) {
      throw new AppError("NOT_SIGNED_IN", "You are not signed in, or no longer.");
    }
    requireOpen(reply);
    const controller = new AbortController();
    open.add(controller);
    const remove = connections.add(session, () => controller.abort());
    reply.raw.once("close", () => {
      remove();
      open.delete(controller);
      controller.abort();
    });
    return { caller, signal: controller.signal };
  }

  server.get<Route>("/rooms/:roomId/captions.:format", async (request, reply) => {
    const { caller, signal: untilClosed } = await begin(request, reply);
    const { roomId } = roomSchema.parse(request.params);
    const { format } = request.params;
    const selection = captionSelectionSchema.parse({ ...request.query, format });
    const input = { roomId, selection };
    const { parts, signal } = await transcripts.openExport(caller.accountId, input, untilClosed);
    const { fileName, contentType } = describeExport(selection);
    return await reply
      .header("content-type", contentType)
      .header("content-disposition", `attachment; filename="${fileName}"`)
      .header("cache-control", "private, no-store")
      .send(Readable.from(parts, { objectMode: false, signal }));
  });

  // Asked for by browsers before they send anything from pages of other addresses.
  server.options("/rooms/:roomId/captions.:format", (_request, reply) => reply.code(204).send());
}

function refuse(error: unknown, reply: FastifyReply, log: Log): FastifyReply {
  const failure = new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: error });
  const shape = errorShape(describeError(failure));
  if (shape.data.reason === "INTERNAL") log.error({ err: error }, "a request failed");
  const { retryAfterSeconds } = shape.data;
  if (retryAfterSeconds !== undefined) void reply.header("retry-after", `${retryAfterSeconds}`);
  return reply.code(shape.data.httpStatus).send({ error: shape });
}

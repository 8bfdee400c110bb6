import type { ServerResponse } from "node:http";
import { fastifyRequestHandler } from "@trpc/server/adapters/fastify";
import type { FastifyError, FastifyInstance } from "fastify";
import type { AppRouter } from "../app-router.ts";
import type { SessionStore } from "../account/session-store.ts";
import type { ErrorDescription } from "../kit/describe-error.ts";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import { type Context, errorShape } from "../kit/procedures.ts";
import { authenticate, cookieSetter, createContext, tokenOf } from "./authentication.ts";
import type { Connections } from "./connections.ts";
import { createErrorLogger } from "./log-errors.ts";
import type { RateLimits } from "./rate-limits.ts";

export type TrpcDependencies = {
  router: AppRouter;
  sessions: SessionStore;
  connections: Connections;
  rateLimits: RateLimits;
  log: Log;
  /** Cookies travel over TLS only. */
  secureCookies: boolean;
};

/** What the body of a request has to be there within. */
const BODY_MS = 60_000;
/** Calls in one request. */
const BATCH_LIMIT = 32;

/** Procedures at `/trpc/<path>`. */
export function serveTrpcOverHttp(server: FastifyInstance, deps: TrpcDependencies): void {
  const { router, sessions, connections, rateLimits, log, secureCookies } = deps;

  // Forms of other sites can post anything but JSON. tRPC parses it, by itself.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) =>
    done(null, body),
  );

  server.addHook("onRequest", ({ method, raw }, _reply, done) => {
    if (method === "POST") {
      const late = setTimeout(() => raw.destroy(), BODY_MS);
      raw.once("close", () => clearTimeout(late)).once("end", () => clearTimeout(late));
    }
    done();
  });

  // The server waits for requests that are under way. These would never end.
  const streams = new Set<ServerResponse>();
  server.addHook("preClose", (done) => {
    for (const stream of streams) stream.destroy();
    done();
  });

  server.setErrorHandler((error: FastifyError, _request, reply) => {
    const shape = errorShape(describeRefusal(error));
    if (shape.data.reason === "INTERNAL") log.error({ err: error }, "a request failed");
    return reply.code(shape.data.httpStatus).send({ error: shape });
  });

  server.all<{ Params: { path: string } }>("/trpc/:path", async (request, reply) => {
    await fastifyRequestHandler({
      req: request,
      res: reply,
      path: request.params.path,
      router,
      // A query may be posted, too: then what it asks for stands in no address.
      allowMethodOverride: true,
      maxBatchSize: BATCH_LIMIT,
      onError: createErrorLogger(log),
      responseMeta: ({ errors }) => {
        const waits = errors.map(({ cause }) =>
          cause instanceof AppError ? (cause.retryAfterSeconds ?? 0) : 0,
        );
        const longest = Math.max(0, ...waits);
        return longest > 0 ? { headers: { "retry-after": `${longest}` } } : {};
      },
      createContext: async ({ info }): Promise<Context> => {
        const setCookie = cookieSetter(reply, secureCookies);
        const session = await authenticate(sessions, tokenOf(request), setCookie);
        // Who is gone by now would be held until their session ends.
        if (session && info.type === "subscription" && !reply.raw.destroyed) {
          const remove = connections.add(session, () => reply.raw.destroy());
          streams.add(reply.raw);
          reply.raw.once("close", () => {
            remove();
            streams.delete(reply.raw);
          });
        }
        return { ...createContext(request, session, rateLimits), setCookie };
      },
    });
  });
}

function describeRefusal(error: FastifyError): ErrorDescription {
  switch (error.statusCode) {
    case 413:
      return { reason: "PAYLOAD_TOO_LARGE", message: "The request is too large." };
    case 400:
    case 415:
      return {
        reason: "INPUT_INVALID",
        message: "The request must be of the content type application/json.",
      };
    default:
      return { reason: "INTERNAL", message: "Something went wrong on the server." };
  }
}

import cookie from "@fastify/cookie";
import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import helmet from "helmet";
import type { Log } from "../kit/log.ts";
import { errorShape } from "../kit/procedures.ts";
import { type CaptionDownloadDependencies, serveCaptionDownloads } from "./caption-downloads.ts";
import { type GoogleDependencies, serveGoogle } from "./google.ts";
import { isAllowedOrigin } from "./origin.ts";
import type { SocketLimits } from "./socket-limits.ts";
import { serveTrpcOverHttp, type TrpcDependencies } from "./trpc-http.ts";
import { registerSockets, serveTrpcOverSockets } from "./trpc-socket.ts";
import { serveUploads, type UploadRouteDependencies } from "./uploads.ts";
import { serveWeb } from "./web.ts";

export type HttpServerOptions = TrpcDependencies &
  GoogleDependencies &
  UploadRouteDependencies &
  CaptionDownloadDependencies & {
    /** Origins whose pages may call, besides those that this server serves. */
    allowedOrigins: readonly string[];
    production: boolean;
    webDirectory: string;
    limits: SocketLimits;
    /** Addresses whose word about who called is taken: proxies that stand in front. */
    trustedProxies: readonly string[];
    /** Rejects while requests can't be answered. */
    ready: () => Promise<void>;
  };

export type HttpServer = {
  server: FastifyInstance;
  /** Sentences about what is missing. */
  notices: string[];
};

/** Bytes of a request's body. */
const BODY_LIMIT = 1024 * 1024;

export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log, production, limits } = options;
  const admits = (origin: string | undefined, host: string | undefined) =>
    isAllowedOrigin(origin, host, options.allowedOrigins);
  // Of what the framework says itself only warnings are of use.
  const level = log.isLevelEnabled("info") ? "warn" : log.level;
  const loggerInstance: FastifyBaseLogger = log.child({ scope: "http" }, { level });
  const server = fastify({
    loggerInstance,
    bodyLimit: BODY_LIMIT,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    // A batch names all its procedures in the path.
    routerOptions: { maxParamLength: 5000 },
    forceCloseConnections: "idle",
    // Such as an address that can't be decoded. The framework's own answer repeats it.
    frameworkErrors: (_error, _request, { raw }) => {
      const error = errorShape({ reason: "INPUT_INVALID", message: "The request is not valid." });
      raw.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error }));
    },
    // Its lines would hold query strings.
    logController: new LogController({ disableRequestLogging: true }),
  });
  logAccess(server, log, production ? "info" : "debug");
  const secure = helmet(securityHeaders(production));
  server.addHook("onRequest", (request, reply, done) => {
    secure(request.raw, reply.raw, () => done());
  });
  await server.register(cookie);
  await registerSockets(server, { limits, admits, log });
  await server.register((scope, _options, done) => {
    refuseForeignOrigins(scope, admits, options.allowedOrigins);
    serveTrpcOverHttp(scope, options);
    serveTrpcOverSockets(scope, options, limits);
    done();
  });
  await server.register(async (scope) => {
    refuseForeignOrigins(scope, admits, options.allowedOrigins);
    await serveUploads(scope, options);
  });
  await server.register((scope, _options, done) => {
    refuseForeignOrigins(scope, admits, options.allowedOrigins);
    serveCaptionDownloads(scope, options);
    done();
  });
  server.get("/health", () => ({ status: "ok" }));
  server.get("/ready", async (_request, reply) => {
    try {
      await options.ready();
      return { status: "ok" };
    } catch {
      return reply.code(503).send({ status: "unavailable" });
    }
  });
  serveGoogle(server, options);
  const notice = await serveWeb(server, options.webDirectory);
  return { server, notices: notice === undefined ? [] : [notice] };
}

/**
 * Query strings stay out: they may hold what somebody said. So does what the web app alone reads out of
 * its pages' addresses, which may be an invitation.
 */
function logAccess(server: FastifyInstance, log: Log, level: "info" | "debug"): void {
  server.addHook("onResponse", (request, reply, done) => {
    const { method, url, routeOptions } = request;
    const [whole = ""] = url.split("?", 1);
    const isPage = routeOptions.url === undefined || routeOptions.url === "/*";
    const path = isPage ? whole.split("/", 2).join("/") : whole;
    const ms = Math.round(reply.elapsedTime);
    log[level]({ method, path, status: reply.statusCode, ms }, "answered");
    done();
  });
}

function refuseForeignOrigins(
  server: FastifyInstance,
  admits: (origin: string | undefined, host: string | undefined) => boolean,
  friends: readonly string[],
): void {
  server.addHook("onRequest", (request, reply, done) => {
    const { origin, host } = request.headers;
    // Sockets are refused where they are opened.
    if (!request.ws && !admits(origin, host)) {
      const message =
        "Pages of this address may not use this server, unless PUBLIC_URL or CORS_ORIGINS says so.";
      const error = errorShape({ reason: "FORBIDDEN", message });
      void reply.code(403).send({ error });
      return;
    }
    if (origin !== undefined && friends.includes(origin)) {
      void reply
        .header("access-control-allow-origin", origin)
        .header("access-control-allow-credentials", "true")
        .header("access-control-allow-headers", "authorization, content-type, trpc-accept")
        .header("vary", "origin");
      if (request.method === "OPTIONS") {
        void reply.code(204).send();
        return;
      }
    }
    done();
  });
}

function securityHeaders(production: boolean) {
  return {
    strictTransportSecurity: production,
    // Sound of other origins is fetched by nobody, so isolation would only get in the way.
    crossOriginResourcePolicy: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // The voice activity detector is WebAssembly.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        workerSrc: ["'self'", "blob:"],
        // Mantine writes its sizes and colours into style attributes.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:", "blob:"],
        mediaSrc: ["'self'", "blob:", "mediastream:"],
        fontSrc: ["'self'", "data:"],
        connectSrc: ["'self'", "ws:", "wss:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
  };
}

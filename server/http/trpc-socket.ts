import websocket from "@fastify/websocket";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import type { Session } from "../account/session-store.ts";
import type { Log } from "../kit/log.ts";
import { authenticate, createContext, tokenOf } from "./authentication.ts";
import type { Connections } from "./connections.ts";
import { cutSoon } from "./cut-soon.ts";
import { createEventFrames } from "./fan-out/event-frames.ts";
import { Turns } from "./fan-out/turns.ts";
import { createErrorLogger } from "./log-errors.ts";
import type { SocketLimits } from "./socket-limits.ts";
import { type ConnectionOptions, TrpcConnection } from "./trpc-connection.ts";
import type { TrpcDependencies } from "./trpc-http.ts";

/** Codes that a socket is closed with, besides those of the protocol. */
const NOT_SIGNED_IN = 4401;
const SERVICE_RESTART = 1012;

/** How often is looked for clients that give no sign of life. */
const ALIVE_CHECK_MS = 1000;

export type SocketServerOptions = {
  limits: SocketLimits;
  /** Whether a page of this origin, that addressed the server as `host`, may open a socket. */
  admits: (origin: string | undefined, host: string | undefined) => boolean;
  log: Log;
};

/** Must be registered before any route. */
export async function registerSockets(server: FastifyInstance, options: SocketServerOptions) {
  const { limits, admits, log } = options;
  await server.register(websocket, {
    options: {
      maxPayload: limits.frameBytes,
      perMessageDeflate: false,
      verifyClient({ req: { headers } }, answer) {
        answer(admits(headers.origin, headers.host), 403, "Forbidden");
      },
    },
    errorHandler: (error, socket) => onSocketError(error, socket, log),
    // Whoever serves sockets closes them. Without that the server would wait for them.
    preClose(done) {
      server.websocketServer.close();
      done();
    },
  });
}

/** What a client did wrong: the protocol's close code is on its way to it. */
function onSocketError(error: Error, socket: WebSocket, log: Log): void {
  log.debug({ err: error }, "a socket failed");
  cutSoon(socket);
}

/** Procedures and subscriptions over sockets at `/trpc`. */
export function serveTrpcOverSockets(
  server: FastifyInstance,
  deps: TrpcDependencies,
  limits: SocketLimits,
): void {
  const { router, log } = deps;
  const shared = {
    router,
    limits,
    turns: new Turns(),
    frames: createEventFrames((data) => router._def._config.transformer.output.serialize(data)),
    onError: createErrorLogger(log),
  };
  const open = new Map<WebSocket, TrpcConnection>();

  // What was made to answer the request would be held for as long as the socket is open.
  const letGo = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    if (request.ws) reply.raw.detachSocket(request.raw.socket);
    done();
  };
  server.get("/trpc", { websocket: true, preHandler: letGo }, (socket: WebSocket, request) => {
    socket.removeAllListeners("error");
    socket.on("error", (error) => onSocketError(error, socket, log));
    const close = (reason: string) => connection.close(NOT_SIGNED_IN, reason);
    const connection = new TrpcConnection({
      ...shared,
      socket,
      stream: request.raw.socket,
      awaitsParams:
        new URL(request.url, "ws://localhost").searchParams.get("connectionParams") === "1",
      createContext: createSignIn({ socket, close }, request, deps, limits.credentialsMs),
    });
    open.set(socket, connection);
    socket.once("close", () => open.delete(socket));
  });

  const checking = setInterval(() => {
    const now = performance.now();
    for (const connection of open.values()) connection.checkAlive(now);
  }, ALIVE_CHECK_MS);
  checking.unref();

  server.addHook("preClose", (done) => {
    clearInterval(checking);
    for (const connection of open.values()) {
      connection.sendReconnect();
      connection.close(SERVICE_RESTART, "the server is restarting");
    }
    done();
  });
}

/** A socket, and what closes it with a reason. */
type Closing = { socket: WebSocket; close: (reason: string) => void };

/** Gives who calls, once their credentials have come. A socket that waits for them too long is closed. */
function createSignIn(
  closing: Closing,
  request: FastifyRequest,
  deps: TrpcDependencies,
  credentialsMs: number,
): ConnectionOptions["createContext"] {
  const { sessions, connections, rateLimits } = deps;
  const stopWaiting = closeLater(closing, credentialsMs);
  return async (params) => {
    const session = await authenticate(sessions, params?.["token"] ?? tokenOf(request));
    const context = createContext(request, session, rateLimits);
    // Who is gone by now would be held until their session ends.
    if (!session || closing.socket.readyState === closing.socket.CLOSED) return context;
    stopWaiting();
    closeWithSession(closing, session, connections);
    return context;
  };
}

/** By itself, so that what stays with the socket holds nothing of the request. */
function closeWithSession(
  { socket, close }: Closing,
  session: Session,
  connections: Connections,
): void {
  socket.once(
    "close",
    connections.add(session, () => close("the session has ended")),
  );
}

/** Gives what keeps the socket open. */
function closeLater({ socket, close }: Closing, afterMs: number): () => void {
  const timer = setTimeout(() => close("no credentials"), afterMs);
  const stop = () => {
    clearTimeout(timer);
    socket.off("close", stop);
  };
  socket.once("close", stop);
  return stop;
}

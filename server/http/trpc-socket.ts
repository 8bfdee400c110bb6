import websocket from "@fastify/websocket";
import { getWSConnectionHandler } from "@trpc/server/adapters/ws";
import { type FastifyInstance, type FastifyRequest } from "fastify";
import { type WebSocket, type WebSocketServer } from "ws";
import { type AppRouter } from "../app-router.ts";
import { type Log } from "../kit/log.ts";
import { type Context } from "../kit/procedures.ts";
import { authenticate, tokenOf } from "./authentication.ts";
import { createErrorLogger } from "./log-errors.ts";
import { createLimitedEncoder, type SocketLimits } from "./socket-limits.ts";
import { type TrpcDependencies } from "./trpc-http.ts";

/** Codes that a socket is closed with, besides those of the protocol. */
const NOT_SIGNED_IN = 4401;
const SERVICE_RESTART = 1012;

/** How long a client has to close its side before its socket is cut. */
const CLOSING_MS = 1000;

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
    // What a client did wrong: the protocol's close code is on its way to it.
    errorHandler(error, socket) {
      log.debug({ err: error }, "a socket failed");
      cutSoon(socket);
    },
    preClose(done) {
      closeSockets(server.websocketServer);
      done();
    },
  });
}

/** Tells every client to come back, and closes. Without this the server would wait for them. */
function closeSockets(sockets: WebSocketServer): void {
  for (const socket of sockets.clients) {
    if (socket.readyState === socket.OPEN) {
      socket.send(JSON.stringify({ id: null, method: "reconnect" }));
    }
    socket.close(SERVICE_RESTART, "the server is restarting");
    cutSoon(socket);
  }
  sockets.close();
}

function cutSoon(socket: WebSocket): void {
  const cut = setTimeout(() => socket.terminate(), CLOSING_MS);
  socket.once("close", () => clearTimeout(cut));
}

/** Procedures and subscriptions over sockets at `/trpc`. */
export function serveTrpcOverSockets(
  server: FastifyInstance,
  deps: TrpcDependencies,
  limits: SocketLimits,
): void {
  const { router, sessions, connections, rateLimits, log } = deps;

  server.get("/trpc", { websocket: true }, (socket: WebSocket, request: FastifyRequest) => {
    const withoutCredentials = setTimeout(
      () => socket.close(NOT_SIGNED_IN, "no credentials"),
      limits.credentialsMs,
    );
    socket.once("close", () => clearTimeout(withoutCredentials));

    const connect = getWSConnectionHandler<AppRouter>({
      // Only used by handlers that accept connections themselves.
      wss: server.websocketServer,
      router,
      keepAlive: { enabled: true, pingMs: 20_000, pongWaitMs: 10_000 },
      experimental_encoder: createLimitedEncoder(socket, limits),
      onError: createErrorLogger(log),
      createContext: async ({ info }): Promise<Context> => {
        const token = info.connectionParams?.["token"] ?? tokenOf(request);
        const session = await authenticate(sessions, token);
        const address = request.ip;
        if (!session) return { address, limit: (path) => rateLimits(path, { address }) };
        clearTimeout(withoutCredentials);
        const remove = connections.add(session, () =>
          socket.close(NOT_SIGNED_IN, "the session has ended"),
        );
        socket.once("close", remove);
        const { accountId, id: sessionId, guest } = session;
        const caller = { accountId, sessionId, guest };
        return { caller, address, limit: (path) => rateLimits(path, { caller, address }) };
      },
    });
    connect(socket, request.raw);
  });
}

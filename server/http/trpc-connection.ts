import type { Socket } from "node:net";
import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  TRPCError,
  transformTRPCResponse,
} from "@trpc/server";
import { parseConnectionParamsFromUnknown } from "@trpc/server/http";
import {
  parseTRPCMessage,
  type TRPCRequestMessage,
  type TRPCResponseMessage,
} from "@trpc/server/rpc";
import type { RawData, WebSocket } from "ws";
import { z } from "zod";
import { AppError } from "../kit/errors.ts";
import { Feed } from "../kit/feed.ts";
import { cutSoon } from "./cut-soon.ts";
import type { EventFrames } from "./fan-out/event-frames.ts";
import { Outbox } from "./fan-out/outbox.ts";
import { textFrame } from "./fan-out/text-frame.ts";
import type { Turns } from "./fan-out/turns.ts";
import type { SocketLimits } from "./socket-limits.ts";

type ConnectionParams = ReturnType<typeof parseConnectionParamsFromUnknown>;

/** What all connections share. */
export type ConnectionDependencies = {
  router: AnyTRPCRouter;
  limits: SocketLimits;
  turns: Turns;
  frames: EventFrames;
  onError: (info: { error: TRPCError; path: string | undefined }) => void;
};

export type ConnectionOptions = ConnectionDependencies & {
  socket: WebSocket;
  stream: Socket;
  /** Whether the first message holds the parameters of the connection. */
  awaitsParams: boolean;
  /** Called once. */
  createContext: (params: ConnectionParams) => Promise<object>;
};

type Id = string | number;
type Request = TRPCRequestMessage & { id: Id };

const paramsSchema = z.looseObject({ data: z.unknown() });

/**
 * One socket that speaks tRPC's protocol (https://trpc.io/docs/rpc#websockets), as tRPC's own adapter
 * does, out of the same parts. What a subscription sends goes straight to the socket.
 */
export class TrpcConnection {
  readonly #deps: ConnectionDependencies;
  readonly #socket: WebSocket;
  readonly #outbox: Outbox;
  readonly #subscriptions = new Map<Id, AbortController>();
  #createContext: ConnectionOptions["createContext"] | undefined;
  /** Absent until the parameters have come. Rejects when there can be none. */
  #context: Promise<object> | undefined;
  #heardAt = performance.now();
  #asked = false;

  constructor({ socket, stream, awaitsParams, createContext, ...deps }: ConnectionOptions) {
    const { turns, limits } = deps;
    this.#deps = deps;
    this.#socket = socket;
    this.#outbox = new Outbox({ socket, stream, turns, unreadBytes: limits.unreadBytes });
    this.#createContext = createContext;
    if (!awaitsParams) this.#openContext(() => null);
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.once("close", () => this.#stopAll());
  }

  /** What the client says from now on is not heard, also if it doesn't close its side. */
  close(code?: number, reason?: string): void {
    this.#outbox.flush();
    this.#socket.close(code, reason);
    this.#stopAll();
    cutSoon(this.#socket);
  }

  /** Tells the client to come back, perhaps to another server. */
  sendReconnect(): void {
    this.#write({ id: null, method: "reconnect" });
  }

  /** To be called every now and then. Disconnects a client that gives no sign of life. */
  checkAlive(now: number): void {
    const { silentMs, answerMs } = this.#deps.limits;
    const silent = now - this.#heardAt;
    if (silent > silentMs + answerMs && this.#asked) this.#socket.terminate();
    else if (silent > silentMs && !this.#asked) {
      this.#asked = true;
      this.#outbox.write(textFrame("PING"));
    }
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#heardAt = performance.now();
    this.#asked = false;
    // ws gives Buffers unless it was told otherwise.
    const text = Buffer.isBuffer(data) ? data.toString() : "";
    if (!isBinary && text === "PONG") return;
    if (!isBinary && text === "PING") this.#outbox.write(textFrame("PONG"));
    else if (!this.#context) this.#openContext(() => parseParams(text));
    else this.#answerAll(text);
  }

  #openContext(params: () => ConnectionParams): void {
    const create = this.#createContext;
    // It is done with, and so is the request that it holds.
    this.#createContext = undefined;
    this.#context = (async () => {
      if (!create) throw new Error("a connection has one context");
      return create(params());
    })();
    this.#context.catch((cause: unknown) => {
      this.#fail(null, cause);
      // After the answer has left.
      setImmediate(() => this.close());
    });
  }

  #answerAll(text: string): void {
    const { transformer } = this.#deps.router._def._config;
    let requests;
    try {
      const parsed: unknown = JSON.parse(text);
      const messages: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
      requests = messages.map((message) => parseTRPCMessage(message, transformer));
    } catch (cause) {
      this.#fail(null, new TRPCError({ code: "PARSE_ERROR", cause }));
      return;
    }
    for (const [index, request] of requests.entries()) {
      const { id } = request;
      if (request.method === "subscription.stop") {
        if (id !== null) this.#subscriptions.get(id)?.abort();
      } else if (id === null) {
        this.#fail(null, new TRPCError({ code: "PARSE_ERROR", message: "`id` is required" }));
      } else {
        void this.#answer({ ...request, id }, index);
      }
    }
  }

  /** Never rejects. */
  async #answer(request: Request, batchIndex: number): Promise<void> {
    const { id, jsonrpc, method } = request;
    try {
      // An answer to a second one would be taken for the end of the subscription of that id.
      if (this.#subscriptions.has(id)) {
        throw new AppError("INPUT_INVALID", "A subscription has this id.");
      }
      if (method === "subscription") {
        await this.#subscribe(request, batchIndex);
        return;
      }
      const data = await this.#call(request, batchIndex);
      if (isAsyncIterable(data)) throw new Error(`a ${method} gave what only a subscription may`);
      this.#respond({ id, jsonrpc, result: { type: "data", data } });
    } catch (cause) {
      this.#fail(request, cause);
    }
  }

  async #call(request: Request, batchIndex: number, signal?: AbortSignal): Promise<unknown> {
    const { path, input, lastEventId } = request.params;
    const { router } = this.#deps;
    const ctx = await this.#context;
    if (signal?.aborted) return undefined;
    return callTRPCProcedure({
      router,
      path,
      getRawInput: () => Promise.resolve(withLastEventId(input, lastEventId)),
      ctx,
      type: request.method,
      signal,
      batchIndex,
    });
  }

  /** Rejects with what it could not begin for. What fails later is answered here. */
  async #subscribe(request: Request, batchIndex: number): Promise<void> {
    const { id, jsonrpc } = request;
    const limit = this.#deps.limits.subscriptions;
    if (this.#subscriptions.size >= limit) {
      const message = `A connection has ${limit} subscriptions at most.`;
      throw new AppError("TOO_MANY_REQUESTS", message);
    }
    const stopping = new AbortController();
    const { signal } = stopping;
    // Before anything is waited for, so that it can be stopped from now on.
    this.#subscriptions.set(id, stopping);
    let started = false;
    try {
      const items = await this.#call(request, batchIndex, signal);
      if (!signal.aborted) {
        if (!isAsyncIterable(items)) throw new Error("a subscription gave nothing to iterate over");
        this.#respond({ id, jsonrpc, result: { type: "started" } });
        started = true;
        await this.#send(items, request, signal);
      }
      this.#release(id, stopping);
    } catch (cause) {
      const stopped = signal.aborted;
      this.#release(id, stopping);
      // Who stopped it is told so, and nothing else.
      if (stopped) this.#report(cause, request.params.path);
      else this.#fail(request, cause);
      if (!stopped && !started) return;
    }
    this.#respond({ id, jsonrpc, result: { type: "stopped" } });
  }

  /** Whatever belongs to a subscription ends with it, and its id may be used again. */
  #release(id: Id, stopping: AbortController): void {
    stopping.abort();
    this.#subscriptions.delete(id);
  }

  async #send(items: AsyncIterable<unknown>, request: Request, signal: AbortSignal): Promise<void> {
    const { id, jsonrpc } = request;
    const outbox = this.#outbox;
    const { frames } = this.#deps;
    const head = `${JSON.stringify({ id, jsonrpc }).slice(0, -1)},"result":`;
    const send = (item: unknown) => outbox.write(frames.frame(head, item));
    if (items instanceof Feed) {
      await items.run({ send, ready: () => outbox.drained() });
      return;
    }
    for await (const item of items) {
      if (signal.aborted) return;
      send(item);
    }
  }

  #respond(response: TRPCResponseMessage): void {
    this.#write(transformTRPCResponse(this.#deps.router._def._config, response));
  }

  #write(message: unknown): void {
    this.#outbox.write(textFrame(JSON.stringify(message)));
  }

  /** Answers with an error, which belongs to no request when that could not be read. */
  #fail(request: Request | null, cause: unknown): void {
    const path = request?.params.path;
    const error = this.#report(cause, path);
    const shape = getTRPCErrorShape({
      config: this.#deps.router._def._config,
      error,
      path,
      type: request?.method ?? "unknown",
      input: request?.params.input,
      ctx: undefined,
    });
    this.#respond({ id: request?.id ?? null, jsonrpc: request?.jsonrpc, error: shape });
  }

  #report(cause: unknown, path: string | undefined): TRPCError {
    const error = getTRPCErrorFromUnknown(cause);
    this.#deps.onError({ error, path });
    return error;
  }

  #stopAll(): void {
    for (const stopping of this.#subscriptions.values()) stopping.abort();
    this.#subscriptions.clear();
  }
}

function parseParams(text: string): ConnectionParams {
  let message;
  try {
    message = paramsSchema.parse(JSON.parse(text));
  } catch (cause) {
    const message = "Malformed TRPCConnectionParamsMessage";
    throw new TRPCError({ code: "PARSE_ERROR", message, cause });
  }
  return parseConnectionParamsFromUnknown(message.data);
}

/** Where a subscription goes on is given beside its input, and read as a part of it. */
function withLastEventId(input: unknown, lastEventId: string | undefined): unknown {
  if (lastEventId === undefined) return input;
  if (typeof input === "object" && input !== null) return { ...input, lastEventId };
  return input ?? { lastEventId };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

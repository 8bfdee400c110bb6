import { join } from "node:path";
import { sql } from "kysely";
import { createAppRouter } from "./app-router.ts";
import type { Bus } from "./bus/bus.ts";
import { EmbeddedBus } from "./bus/embedded-bus.ts";
import { createChat } from "./chat/chat.ts";
import type { CallPorts, Calls } from "./call/calls.ts";
import type { Config } from "./config.ts";
import { migrateToLatest } from "./database/migrations.ts";
import { openDatabase } from "./database/open-database.ts";
import { createConnections } from "./http/connections.ts";
import { createRateLimits } from "./http/rate-limits.ts";
import { createHttpServer } from "./http/http-server.ts";
import { socketLimits, type SocketLimits } from "./http/socket-limits.ts";
import { createEngineRegistry } from "./engine/engine-registry.ts";
import type { EngineRegistry } from "./interpreter/engines.ts";
import { withGlossary } from "./interpreter/glossary.ts";
import { type Closing, createClosing } from "./kit/closing.ts";
import { createLimiters } from "./kit/limiter.ts";
import type { Log } from "./kit/log.ts";
import { createPasswords } from "./kit/passwords.ts";
import { openRedis } from "./kit/redis.ts";
import { openAccounts } from "./open-accounts.ts";
import { openUploads } from "./open-uploads.ts";
import { openTranscripts } from "./open-transcripts.ts";
import { createRooms } from "./room/rooms.ts";

export type AppOptions = {
  config: Config;
  log: Log;
  /** Where the built web app lies. */
  webDirectory?: string;
  limits?: Partial<SocketLimits>;
  /** What interprets. Without it nobody is interpreted. */
  openEngines?: (log: Log) => Promise<EngineRegistry>;
  /** What carries voices. Without it there are no calls. */
  openCalls?: (dependencies: CallDependencies) => Promise<Calls | { unavailable: string }>;
  /** How long somebody counts as present after their connection was lost. */
  presenceGraceMs?: number;
};

/** What calls are made of. Whoever opens something adds it to `closing`. */
export type CallDependencies = CallPorts & {
  bus: Bus;
  engines: EngineRegistry;
  config: Config;
  log: Log;
  closing: Closing;
};

export type App = {
  /** Sentences about what this server has to do without. */
  notices: readonly string[];
  /** Gives the address that the server answers at. */
  listen(): Promise<string>;
  /** Closes in the reverse of the order of opening. Closing twice is harmless. */
  close(): Promise<void>;
};

/** Each part closes within this, or is left behind. */
const CLOSE_MS = 4000;

/** What requests that are under way have to end in. */
const LAST_REQUESTS_MS = 2000;

const noEngines = { recognisers: [], translators: [], synthesisers: [] };
const builtWeb = join(import.meta.dirname, "../dist/web");

/** Puts the server together: opens in order, and closes in reverse. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, log } = options;
  const closing = createClosing({ log, limitMs: CLOSE_MS });
  try {
    const db = openDatabase(config.database, log);
    closing.add("database", () => db.destroy());
    for (const name of await migrateToLatest(db)) log.info({ name }, "migrated");

    const bus = new EmbeddedBus();
    closing.add("bus", () => bus.close());

    const redis = config.redisUrl === undefined ? undefined : openRedis(config.redisUrl, log);
    if (redis) closing.add("redis", () => redis.disconnect());
    const limiters = createLimiters({ redis, scale: config.rateLimitScale, log });

    const engines = (await options.openEngines?.(log)) ?? createEngineRegistry(noEngines);
    closing.add("engines", () => engines.close());

    const passwords = createPasswords();
    // Guessing passwords is no more harmless where more calls are allowed.
    const strictLimiters = createLimiters({ redis, log });
    const { presenceGraceMs } = options;
    const rooms = await createRooms({
      db,
      bus,
      passwords,
      limiters: strictLimiters,
      onRemoving: async (roomId) => {
        await chat.emptyRoom(roomId);
        await transcripts.emptyRoom(roomId);
      },
      // What can't be removed now is swept later.
      onRemoved: (roomId) =>
        uploads.removeAllOfRoom(roomId).catch((error: unknown) => {
          log.warn({ err: error, roomId }, "files of a removed room are left for the next sweep");
        }),
      onGlossaryChanged: (roomId, pairs) =>
        chat.forgetTranslations(roomId, pairs).catch((error: unknown) => {
          log.warn({ err: error, roomId }, "translations by an old glossary stay");
        }),
      presenceGraceMs,
    });
    const {
      uploads,
      storage,
      notices: faults,
    } = await openUploads({
      db,
      rooms,
      config,
      log,
      closing,
    });
    const chat = createChat({
      db,
      bus,
      rooms,
      account: (accountId) => accounts.get(accountId),
      uploads,
      translatorFor: (roomId, from, to) => {
        const glossary = async () => (await rooms.settings(roomId)).glossary;
        return withGlossary(engines, glossary).translatorFor(from, to);
      },
      identifyLanguage: engines.identifyLanguage,
      log,
    });
    closing.add("chat", () => chat.close());
    let address = `http://localhost:${config.port}`;
    const people = openAccounts({
      db,
      bus,
      config,
      limiters: strictLimiters,
      passwords,
      address: () => config.publicUrl ?? address,
      log,
      closing,
      useAvatar: uploads.useAvatar,
      roomsOf: rooms.of,
      onChanged: (account) => {
        if ("rename" in calls) calls.rename(account.id, account.name);
        rooms.tellProfile(account).catch((error: unknown) => {
          log.warn({ err: error }, "rooms were not told of a changed account");
        });
      },
      erasers: [
        chat.erase,
        (accountId) => transcripts.erase(accountId),
        uploads.removeAllOf,
        rooms.erase,
      ],
    });
    const { sessions, parts: account } = people;
    const { accounts } = account;
    const { transcripts, record } = await openTranscripts({
      db,
      bus,
      engines,
      requireMember: rooms.requireMember,
      membership: rooms.membership,
      requireSpeaker: rooms.requireSpeaker,
      settings: rooms.settings,
      account: accounts.get,
      log,
      closing,
    });
    const { get } = accounts;
    const { attend: membership, resumption, requireSpeaker, publish, settings } = rooms;
    const access = { membership, resumption, requireSpeaker };
    const ports = { ...access, publish, settings, account: get, record };
    const calls = (await options.openCalls?.({ ...ports, bus, engines, config, log, closing })) ?? {
      unavailable: "This server carries no calls.",
    };

    if ("checkSpeakers" in calls) {
      await rooms.onSpeechChanged(
        (change) => calls.checkSpeakers(change),
        () => calls.checkSpeakers(),
      );
    }

    const onEnded = (sessionId: string) => {
      if ("endSession" in calls) calls.endSession(sessionId);
    };
    const connections = await createConnections({ bus, sessions, log, onEnded });
    closing.add("connections", () => connections.stop());

    const { server, notices } = await createHttpServer({
      router: createAppRouter({ account, rooms, chat, calls, transcripts, engines, uploads }),
      transcripts,
      uploads,
      sessions,
      google: people.google,
      signInByProvider: people.signInByProvider,
      publicUrl: config.publicUrl,
      connections,
      rateLimits: createRateLimits(limiters),
      trustedProxies: config.trustedProxies,
      log,
      secureCookies: config.production,
      allowedOrigins: config.allowedOrigins,
      production: config.production,
      webDirectory: options.webDirectory ?? builtWeb,
      limits: { ...socketLimits, ...options.limits },
      ready: async () => {
        await sql`select 1`.execute(db);
        await storage.check();
      },
    });
    // Ends sockets and subscriptions first, then waits for the requests that are under way.
    closing.add("http", async () => {
      // Who has opened a connection and says nothing would be waited for to the last.
      const cut = setTimeout(() => server.server.closeAllConnections(), LAST_REQUESTS_MS);
      await server.close();
      clearTimeout(cut);
    });
    // Before the sockets end, so that everyone in a call is told why it does.
    if ("close" in calls) closing.add("calls", () => calls.close());

    people.startCleaning();

    const missing = engines.status().flatMap((engine) => (engine.available ? [] : [engine.reason]));
    if ("unavailable" in calls) missing.push(calls.unavailable);

    return {
      notices: [...notices, ...people.notices, ...faults, ...missing],
      async listen() {
        const listening = await server.listen({ port: config.port, host: config.host });
        address = listening.replace("127.0.0.1", "localhost");
        return listening;
      },
      close: closing.close,
    };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

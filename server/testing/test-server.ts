import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  splitLink,
  type TRPCClient,
  wsLink,
} from "@trpc/client";
import type { SignedIn } from "../../shared/account.ts";
import { type AppOptions, createApp } from "../app.ts";
import type { AppRouter } from "../app-router.ts";
import { readConfig } from "../config.ts";
import { silentLog } from "../kit/log.ts";

export type TestClient = TRPCClient<AppRouter>;

export type TestServerOptions = Partial<Omit<AppOptions, "config">> & {
  /** Settings as the environment would give them. */
  environment?: Record<string, string>;
};

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;

/** A whole server on a free port, with data of its own that is gone when it closes. */
export async function startTestServer({ environment, ...options }: TestServerOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), "parley-test-"));
  const config = readConfig({ PORT: "0", DATA_DIR: directory, ...environment });
  const app = await createApp({ log: silentLog, ...options, config });
  const url = await app.listen();
  const socketUrl = `${url.replace("http", "ws")}/trpc`;
  const opened: (() => Promise<void>)[] = [];

  function openSocket(token?: string, socket = socketUrl) {
    const client = createWSClient({
      url: socket,
      connectionParams: token === undefined ? undefined : { token },
      retryDelayMs: () => 50,
    });
    opened.push(() => client.close());
    return client;
  }

  /** Calls by HTTP, subscribes over a socket. */
  function client(token?: string): TestClient {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: ({ type }) => type === "subscription",
          true: wsLink({ client: openSocket(token) }),
          false: httpBatchLink({ url: `${url}/trpc`, headers }),
        }),
      ],
    });
  }

  /** Does everything over one socket, perhaps to another address than the server's own. */
  function socketClient(token?: string, socket?: string): TestClient {
    return createTRPCClient<AppRouter>({
      links: [wsLink({ client: openSocket(token, socket) })],
    });
  }

  return {
    url,
    socketUrl,
    app,
    directory,
    client,
    socketClient,

    /** A new guest, with a client of theirs. */
    async signIn(name: string, language = "en"): Promise<SignedIn & { client: TestClient }> {
      const signedIn = await client().account.guest.mutate({ name, language });
      return { ...signedIn, client: client(signedIn.token) };
    },

    async close(): Promise<void> {
      await Promise.all(opened.map((close) => close()));
      await app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

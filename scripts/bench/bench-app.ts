import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTRPCClient, httpLink } from "@trpc/client";
import { type AppOptions, createApp } from "../../server/app.ts";
import type { AppRouter } from "../../server/app-router.ts";
import { readConfig } from "../../server/config.ts";
import { createLog } from "../../server/kit/log.ts";

/** The whole server in this process, with a database of its own, and no limit on how often it is asked. */
export async function openBenchApp(openCalls?: AppOptions["openCalls"]) {
  const directory = mkdtempSync(join(tmpdir(), "parley-bench-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const app = await createApp({
    config: readConfig({ PORT: "0", DATA_DIR: directory, RATE_LIMIT_SCALE: "1000000" }),
    log: createLog({ level: "error", pretty: false }),
    ...(openCalls && { openCalls }),
  });
  const url = await app.listen();
  const client = (headers: Record<string, string>) =>
    createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc`, headers })] });

  return {
    port: Number(new URL(url).port),

    /** A new guest. */
    async signIn(name: string) {
      const { token } = await client({}).account.guest.mutate({ name, language: "en" });
      return { token, api: client({ authorization: `Bearer ${token}` }) };
    },
  };
}

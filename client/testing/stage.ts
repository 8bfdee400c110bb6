import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import { type ParleyServer, type ServerMode, startParley } from "./parley-server.ts";
import { type Sound, writeWav } from "./wav.ts";
import { TcpRelay } from "./tcp-relay.ts";
import { Visitor, type VisitorOptions } from "./visitor.ts";

/** A server and people at browsers, for one test. Closing it ends them all. */
export type Stage = {
  server: ParleyServer;
  /** A visitor, by a microphone of their own if it is said what it hears. */
  visit(options: Omit<VisitorOptions, "url"> & { url?: string; speech?: Sound }): Promise<Visitor>;
  /** Another way to the server, which can be cut. */
  relay(): Promise<TcpRelay & { url: string }>;
  close(): Promise<void>;
};

export async function openStage(options: { mode?: ServerMode } = {}): Promise<Stage> {
  const server = await startParley(options);
  const folder = await mkdtemp(join(tmpdir(), "parley-stage-"));
  const browsers: Browser[] = [];
  const relays: TcpRelay[] = [];
  let silent: Promise<Browser> | undefined;

  const launch = async (microphone?: string) => {
    const browser = await launchChromium({ microphone });
    browsers.push(browser);
    return browser;
  };

  return {
    server,
    async visit({ speech, ...visitor }) {
      let browser: Browser;
      if (speech) {
        const microphone = join(folder, `${browsers.length}.wav`);
        await writeWav(microphone, speech);
        browser = await launch(microphone);
      } else {
        silent ??= launch();
        browser = await silent;
      }
      return await Visitor.open(browser, { url: server.url, ...visitor });
    },
    async relay() {
      const relay = await TcpRelay.open({ host: "127.0.0.1", port: server.port });
      relays.push(relay);
      return Object.assign(relay, { url: `http://127.0.0.1:${relay.port}` });
    },
    async close() {
      await Promise.all(browsers.map((browser) => browser.close()));
      await Promise.all(relays.map((relay) => relay.close()));
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

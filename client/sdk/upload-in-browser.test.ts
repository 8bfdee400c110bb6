import type { Browser } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../server/testing/test-server.ts";
import { mp3 } from "../../server/testing/sound-files.ts";
import { launchChromium, openPage } from "../testing/chromium.ts";
import type { createUploads } from "./upload.ts";

type BuiltSdk = { createUploads: typeof createUploads };

let server: TestServer;
let browser: Browser;
let script: string;

beforeAll(async () => {
  server = await startTestServer();
  browser = await launchChromium();
  const entry = new URL("./upload.ts", import.meta.url).pathname;
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ["iife"], name: "parleyUpload" },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  const chunk = output && "output" in output ? output.output[0] : undefined;
  if (!chunk) throw new Error("the SDK was not built");
  script = chunk.code;
}, 60_000);
afterAll(async () => {
  await browser.close();
  await server.close();
});

it("sends a file from a browser, tells how far it is, and can be called back", async () => {
  const { token } = await server.signIn("Ann");
  const page = await openPage(browser);
  await page.goto(`${server.url}/health`);
  await page.evaluate(`${script}; globalThis.parleyUpload = parleyUpload; undefined`);
  const found = await page.evaluate(
    async ({ url, bearer, bytes }) => {
      const { parleyUpload } = globalThis as unknown as { parleyUpload: BuiltSdk };
      const uploads = parleyUpload.createUploads({ url, token: () => Promise.resolve(bearer) });
      const progress: [number, number][] = [];
      const file = new File([new Uint8Array(bytes)], "said.mp3");
      const kind = "voice-reference";
      const upload = await uploads.upload(file, {
        kind,
        onProgress: (sent, total) => progress.push([sent, total]),
      });
      const back = await uploads.download(upload.url);
      const stopping = new AbortController();
      const large = new File([new Uint8Array(40_000_000)], "large");
      const called = uploads.upload(large, {
        kind,
        signal: stopping.signal,
        onProgress: () => stopping.abort(new Error("changed my mind")),
      });
      const outcome = await called.catch((error: unknown) => String(error));
      const refused = await uploads
        .upload(new Blob(["text"]), { kind })
        .catch((error: unknown) => (error as { reason?: string }).reason);
      return { upload, progress, size: back.size, outcome, refused };
    },
    { url: server.url, bearer: token, bytes: Array.from(mp3()) },
  );
  expect(found.upload).toMatchObject({ name: "said.mp3", contentType: "audio/mpeg" });
  expect(found.size).toBe(found.upload.bytes);
  const [sent, total] = found.progress.at(-1) ?? [];
  expect(sent).toBe(total);
  expect(found.outcome).toContain("changed my mind");
  expect(found.refused).toBe("UPLOAD_TYPE_REFUSED");
}, 60_000);

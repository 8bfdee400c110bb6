import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startTestServer } from "../testing/test-server.ts";

let webDirectory: string;

beforeEach(() => {
  webDirectory = mkdtempSync(join(tmpdir(), "parley-web-"));
});
afterEach(() => rmSync(webDirectory, { recursive: true }));

const page = { headers: { accept: "text/html,*/*" } };

it("serves the app's files, and its page for every address that is one", async () => {
  mkdirSync(join(webDirectory, "assets"));
  writeFileSync(join(webDirectory, "index.html"), "<title>Parley</title>");
  writeFileSync(join(webDirectory, "assets", "index-abc123.js"), "1");
  const server = await startTestServer({ webDirectory });
  try {
    expect(server.app.notices).toEqual(["This server carries no calls."]);
    for (const path of ["/", "/rooms/kitchen?a=1"]) {
      const answer = await fetch(`${server.url}${path}`, page);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain("Parley");
      expect(answer.headers.get("cache-control")).toBe("no-cache");
    }
    const asset = await fetch(`${server.url}/assets/index-abc123.js`);
    expect(asset.headers.get("cache-control")).toContain("immutable");
    const missing = await fetch(`${server.url}/assets/gone.js`);
    expect(missing.status).toBe(404);
    const outside = await fetch(`${server.url}/..%2f..%2fetc/passwd`);
    expect(outside.status).toBeGreaterThanOrEqual(400);
  } finally {
    await server.close();
  }
});

it("serves files compressed, as they were when the app was built, to whoever takes them so", async () => {
  mkdirSync(join(webDirectory, "assets"));
  writeFileSync(join(webDirectory, "index.html"), "<title>Parley</title>");
  const script = "1;".repeat(100);
  writeFileSync(join(webDirectory, "assets", "index-abc123.js"), script);
  writeFileSync(join(webDirectory, "assets", "index-abc123.js.br"), brotliCompressSync(script));
  const server = await startTestServer({ webDirectory });
  const load = async (encodings: string) => {
    const headers = { "accept-encoding": encodings };
    const answer = await fetch(`${server.url}/assets/index-abc123.js`, { headers });
    expect(await answer.text()).toBe(script);
    expect(answer.headers.get("content-type")).toContain("javascript");
    expect(answer.headers.get("cache-control")).toContain("immutable");
    expect(answer.headers.get("vary")?.toLowerCase()).toContain("accept-encoding");
    return answer.headers.get("content-encoding");
  };
  try {
    expect(await load("gzip, br")).toBe("br");
    expect(await load("identity")).toBeNull();
    const { headers } = await fetch(`${server.url}/rooms`, page);
    expect(headers.get("cache-control")).toBe("no-cache");
  } finally {
    await server.close();
  }
});

it("says so when the app is not built", async () => {
  const server = await startTestServer({ webDirectory });
  try {
    expect(server.app.notices[0]).toContain("has not been built");
    const answer = await fetch(server.url, page);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("npm start");
  } finally {
    await server.close();
  }
});

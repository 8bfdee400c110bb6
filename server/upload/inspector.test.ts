import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../kit/log.ts";
import { Inspector } from "./inspector.ts";
import { adts, mp3, mp4, tone, webm } from "../testing/sound-files.ts";

let directory: string;
let inspector: Inspector;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "parley-inspector-"));
  inspector = new Inspector({ log: silentLog });
});
afterEach(async () => {
  await inspector.close();
  rmSync(directory, { recursive: true });
});

function write(content: Uint8Array | string): string {
  const path = join(directory, "file");
  writeFileSync(path, content);
  return path;
}

const duration = async (content: Uint8Array) =>
  (await inspector.inspect(write(content), { audio: true, accountId: "ann" })).audio?.duration;

describe("an inspector", () => {
  it("measures sound by what is there, not by what a header says", async () => {
    const lying = tone("wav", 2);
    // As whoever writes into a pipe: the largest length there is.
    lying.writeUInt32LE(0xffff_ffff, 4);
    lying.writeUInt32LE(0x7fff_ffff, lying.indexOf("data") + 4);
    expect(await duration(lying)).toBeCloseTo(2, 1);
    expect(await duration(mp3(1000))).toBeCloseTo(26.12, 1);
    expect(await duration(adts(1000))).toBeCloseTo(64, 1);
    expect(await duration(webm())).toBeCloseTo(1, 2);
    expect(await duration(tone("ogg", 90))).toBeCloseTo(90, 1);
    expect(await duration(tone("flac", 90))).toBeCloseTo(90, 1);
    expect(await duration(mp4({ seconds: 5 }))).toBe(5);
  });

  it("measures what was cut off by what is left", async () => {
    const whole = tone("ogg", 60);
    const half = await duration(whole.subarray(0, whole.length / 2));
    expect(half).toBeGreaterThan(20);
    expect(half).toBeLessThan(40);
    expect(await duration(mp3(100).subarray(0, 417 * 50 + 7))).toBeCloseTo(50 * 0.026, 1);
  });

  it("measures behind tags and garbage", async () => {
    const tag = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 7, 0x68, ...Buffer.alloc(1000)]);
    expect(await duration(Buffer.concat([tag, mp3(100)]))).toBeCloseTo(2.61, 1);
    expect(await duration(Buffer.concat([mp3(50), Buffer.alloc(5000, 1), mp3(50)]))).toBeCloseTo(
      2.61,
      1,
    );
  });

  it("goes on after a file that keeps it busy or takes its memory", async () => {
    const path = write(mp3());
    for (const work of [
      "for (;;);",
      "const all = []; for (;;) all.push(new Array(1e6).fill(0.5));",
    ]) {
      const script = join(directory, "worker.mjs");
      writeFileSync(
        script,
        `import { parentPort } from "node:worker_threads"; parentPort.on("message", () => { ${work} });`,
      );
      const stuck = new Inspector({
        log: silentLog,
        script: pathToFileURL(script),
        patienceMs: 3000,
      });
      expect(await stuck.inspect(path, { audio: true, accountId: "ann" })).toEqual({});
      await stuck.close();
    }
    expect((await inspector.inspect(path, { audio: true, accountId: "ann" })).type).toBe(
      "audio/mpeg",
    );
  });

  it("takes its own faults for no fault of the file", async () => {
    const script = join(directory, "broken.mjs");
    writeFileSync(script, "throw new Error('a fault of the program');");
    const broken = new Inspector({ log: silentLog, script: pathToFileURL(script) });
    await expect(broken.inspect(write("x"), { audio: true, accountId: "ann" })).rejects.toThrow(
      "a fault of the program",
    );
    await broken.close();
  });

  it("looks at several files in turn", async () => {
    const path = write(mp3());
    const found = await Promise.all(
      Array.from({ length: 10 }, () => inspector.inspect(path, { audio: true, accountId: "ann" })),
    );
    expect(new Set(found.map(({ type }) => type))).toEqual(new Set(["audio/mpeg"]));
  });
});

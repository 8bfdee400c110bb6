import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Translator } from "../../interpreter/engines.ts";
import { expectEngineError } from "../conformance/expect-engine-error.ts";
import { createLocalTranslator } from "./local-translator.ts";

const never = new AbortController().signal;
const ask = (translator: Translator, text: string, from = "en", to = "es") =>
  translator.translate({ text, from, to, context: [], signal: never });

describe("translating with what is installed", () => {
  const translator = createLocalTranslator();
  afterAll(() => translator.close());

  it("knows languages by their BCP 47 tags, and pairs through a pivot", () => {
    const pairs = translator.pairs.map(String);
    for (const pair of [
      "en,es",
      "es,en",
      "en,fr",
      "en,pt",
      "en,pt-BR",
      "en,it",
      "fr,en",
      "ca,pt",
    ]) {
      expect(pairs).toContain(pair);
    }
    expect(pairs.join(" ")).not.toMatch(/eng|spa|fra|cat|_/);
  });

  it.each([
    ["en", "es", "Good morning.", "Buenos días."],
    ["es", "en", "La casa es roja.", "The house is red."],
    ["en", "fr", "The house is red.", "La maison est rouge."],
    ["en", "pt", "The house is red.", "A casa é vermelha."],
    ["en", "it", "The house is red.", "La casa è rossa."],
  ])("translates from %s to %s", async (from, to, text, translation) => {
    expect(await ask(translator, text, from, to)).toBe(translation);
  });

  it("keeps the lines of a text", async () => {
    expect(await ask(translator, "The house is red.\nThe door is green.")).toBe(
      "La casa es roja.\nLa puerta es verde.",
    );
  });
});

/** Apertium's place is taken by a shell script, so that it can be made to fail. */
describe("when a process fails", () => {
  let directory: string;
  let translator: Translator;

  async function pretend(answer: string, { startTimeout = 500 } = {}): Promise<void> {
    const tool = join(directory, "mode-tool");
    const pipeline = join(directory, "pipeline");
    const script = `while IFS= read -r -d '' text; do echo x >> ${directory}/seen; ${answer}; done`;
    await writeFile(pipeline, script);
    await writeFile(tool, `#!/bin/sh\necho "exec bash '${pipeline}'"\n`);
    await chmod(tool, 0o755);
    translator = createLocalTranslator({
      modesDirectory: join(directory, "modes"),
      modeTool: tool,
      timeout: 500,
      startTimeout,
    });
  }
  const reply = `printf '%s\\0' "$text"`;
  const seen = async () => (await readFile(join(directory, "seen"), "utf8")).split("\n").length - 1;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "parley-apertium-"));
    await mkdir(join(directory, "modes"));
    await writeFile(join(directory, "modes", "eng-spa.mode"), "");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await translator.close();
    await rm(directory, { recursive: true });
  });

  it("starts it again, and tries once more what was in work", async () => {
    await pretend(`if mkdir ${directory}/died 2>/dev/null; then exit 1; fi; ${reply}`);
    expect(await ask(translator, "one")).toBe("one");
    expect(await seen()).toBe(2);
  });

  it("gives up what kills it twice, and answers what was behind it", async () => {
    await pretend(`case "$text" in *poison*) exit 1;; esac; ${reply}`);
    const answers = ["one", "poison", "two", "three"].map((text) => ask(translator, text));
    await expectEngineError(answers[1] ?? Promise.resolve(), "failed");
    expect(await Promise.all([answers[0], answers[2], answers[3]])).toEqual([
      "one",
      "two",
      "three",
    ]);
  });

  it("does not wait for ever for an answer", async () => {
    await pretend(`case "$text" in *sleep*) sleep 60;; esac; ${reply}`);
    const answers = [ask(translator, "sleep"), ask(translator, "one")];
    await expectEngineError(answers[0] ?? Promise.resolve(), "timeout");
    expect(await answers[1]).toBe("one");
  });

  it("does not take a slow start for a stall", async () => {
    await pretend(`if mkdir ${directory}/loaded 2>/dev/null; then sleep 1; fi; ${reply}`, {
      startTimeout: 20_000,
    });
    expect(await Promise.all([ask(translator, "one"), ask(translator, "two")])).toEqual([
      "one",
      "two",
    ]);
    expect(await seen()).toBe(2);
  });

  it("runs nothing that the user's shell would run first", async () => {
    await writeFile(join(directory, ".bashrc"), `echo ran > ${directory}/ran; echo "Good day!"`);
    vi.stubEnv("HOME", directory);
    vi.stubEnv("SHLVL", undefined);
    await pretend(reply);
    expect(await ask(translator, "one")).toBe("one");
    await expect(readFile(join(directory, "ran"))).rejects.toThrow("ENOENT");
  });

  it("ends all of its processes when it is closed, also in the middle of work", async () => {
    await pretend(`echo $BASHPID > ${directory}/pid; sleep 60 | cat; ${reply}`);
    const answer = ask(translator, "one");
    answer.catch(() => {});
    const pid = await expect
      .poll(() => readFile(join(directory, "pid"), "utf8").catch(() => ""))
      .not.toBe("")
      .then(async () => Number(await readFile(join(directory, "pid"), "utf8")));
    expect(await groupSize(pid)).toBeGreaterThan(1);
    await translator.close();
    await expectEngineError(answer, "unavailable");
    await expect.poll(() => groupSize(pid)).toBe(0);
  });
});

/** Processes of the pipeline that run; those that only wait to be reaped don't count. */
async function groupSize(group: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "pgid=,stat="]);
  return stdout.split("\n").filter((line) => new RegExp(`^\\s*${group}\\s+[^Z]`).test(line)).length;
}

describe("a machine without apertium", () => {
  it.each([
    ["languages", { modesDirectory: "/nowhere" }, /\/nowhere.*apt-get install/],
    ["the program", { modeTool: "no-such-program" }, /no-such-program.*apt-get install/],
  ])("has a translator that says that %s are missing", async (_, options, reason) => {
    const translator = createLocalTranslator(options);
    expect(translator.availability).toEqual({
      available: false,
      reason: expect.stringMatching(reason),
    });
    expect(translator.pairs).toEqual([]);
    await expectEngineError(ask(translator, "one"), "unavailable");
    await translator.close();
  });
});

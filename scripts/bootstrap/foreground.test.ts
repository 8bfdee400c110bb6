import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

const module = new URL("foreground.mjs", import.meta.url).href;

/** Starts a Node that runs `program` in its foreground. */
function start(program: string) {
  const script = `
    const { runInForeground } = await import(${JSON.stringify(module)});
    process.exitCode = await runInForeground(process.execPath, ["-e", ${JSON.stringify(program)}],
      { cwd: ".", env: process.env });`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test("the program's exit code is given back", async () => {
  expect(await once(start("process.exit(7)"), "exit")).toEqual([7, null]);
});

test("a program that dies of a signal gives 128 and its number", async () => {
  expect(await once(start("process.kill(process.pid, 'SIGKILL')"), "exit")).toEqual([137, null]);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s reaches the program, once", async (signal) => {
  const child = start(`
    let times = 0;
    process.on("${signal}", () => {
      times += 1;
      setTimeout(() => process.exit(times), 300);
    });
    setInterval(() => {}, 1000);
    console.log("ready");`);
  await once(child.stdout, "data");
  child.kill(signal);
  child.kill(signal);
  expect(await once(child, "exit")).toEqual([1, null]);
});

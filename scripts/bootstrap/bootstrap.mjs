// @ts-check
import { delimiter, dirname, join } from "node:path";
import { commandNames, findCommand } from "./commands.mjs";
import { debianPackagesStep, toolchain } from "./debian-packages.mjs";
import { dependenciesStep } from "./dependencies.mjs";
import { runInForeground } from "./foreground.mjs";
import { withLock } from "./lock.mjs";
import { cacheDirectory, describeMachine, root } from "./machine.mjs";
import { buildStep, canRun, downloadStep, mediaWorkerPath } from "./media-worker.mjs";
import { nodePath, nodeStep } from "./node.mjs";
import { Progress } from "./progress.mjs";
import { runSteps, SetUpFailed } from "./steps.mjs";
import { runSuite } from "./suite.mjs";
import { webStep } from "./web.mjs";

/**
 * Sets up what a command needs, then runs it. Everything about the set-up goes to standard error:
 * standard output is the command's own.
 * @param {readonly string[]} argv the command's name and its arguments
 * @returns {Promise<number>} the exit code
 */
export async function bootstrap([name = "start", ...args]) {
  const command = findCommand(root, name);
  if (!command) {
    console.error(`There is no command "${name}". There are: ${commandNames().join(", ")}.`);
    return 1;
  }
  const cache = cacheDirectory(process.env);
  const logs = join(cache, "logs");
  const node = nodePath(cache);
  const path = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH ?? ""];
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, PATH: path.join(delimiter) };
  const machine = describeMachine();
  const context = { root, cache, machine, node, env };
  const progress = new Progress(process.stderr);

  const interruption = interruptible();
  const { signal } = interruption;
  try {
    const steps = stepsFor(command, context);
    const todo = steps.filter((step) => !step.isDone());
    if (todo.length > 0) {
      const lock = join(cache, "lock");
      const onWait = (/** @type {number} */ owner) =>
        progress.line(
          `Waiting for another set-up (process ${owner}). If there is none, delete ${lock}`,
        );
      await withLock(lock, { signal, onWait }, () => {
        progress.line(`Setting up Parley, with logs in ${logs}`);
        return runSteps(steps, { progress, logs, signal });
      });
    }
    const worker = mediaWorkerPath(context);
    if (command.media && canRun(worker)) env.MEDIASOUP_WORKER_BIN = worker;
    if (command.suite) return await runSuite(args, { ...context, logs, progress, signal });
  } catch (error) {
    if (signal.aborted) return interruption.exitCode();
    if (!(error instanceof SetUpFailed)) throw error;
    console.error(`${error.message}\n`);
    return 1;
  } finally {
    interruption.stop();
  }
  if (!command.program) return 0;
  // Halves what it costs to load the program a second time.
  env.NODE_COMPILE_CACHE ??= join(cache, "compiled");
  return runInForeground(node, [...command.program, ...args], { cwd: root, env });
}

/**
 * @param {import("./commands.mjs").Command} command
 * @param {import("./media-worker.mjs").MediaWorkerContext & { node: string }} context
 * @returns {import("./steps.mjs").Step[]} in an order in which each comes after those it waits for
 */
function stepsFor(command, context) {
  const { cache, machine, env } = context;
  const node = nodeStep(cache);
  const dependencies = dependenciesStep({ ...context, after: [node.name] });
  const download = downloadStep({ ...context, after: [] });
  const worker = mediaWorkerPath(context);
  const packages = debianPackagesStep({
    machine,
    env,
    after: command.media ? [download.name] : [],
    // The compiler is only installed where the worker has to be built.
    wanted: () =>
      command.media && !env.MEDIASOUP_WORKER_BIN && !canRun(worker)
        ? [...command.debian, ...toolchain]
        : command.debian,
    without: "what needs them is unavailable, and the app says so",
  });
  const build = buildStep({ ...context, after: [dependencies.name, packages.name] });
  const web = webStep({
    ...context,
    after: [dependencies.name],
    without: command.suite ? "tests that open the web app will fail" : undefined,
  });
  return [
    node,
    ...(command.npm ? [dependencies] : []),
    ...(command.media ? [download] : []),
    ...(command.media || command.debian.length > 0 ? [packages] : []),
    ...(command.media ? [build] : []),
    ...(command.web ? [web] : []),
  ];
}

/** Turns the signals that end a process into an AbortSignal while the set-up is under way. */
function interruptible() {
  const controller = new AbortController();
  let code = 0;
  const onInterrupt = () => end(130);
  const onTerminate = () => end(143);
  const end = (/** @type {number} */ exitCode) => {
    code = exitCode;
    controller.abort();
  };
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  return {
    signal: controller.signal,
    exitCode: () => code,
    stop: () => {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
    },
  };
}

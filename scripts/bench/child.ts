import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A process of a benchmark, which answers one question after the other. */
export type Child = {
  readonly pid: number;
  /** What the answer looks like the asker knows: both ends are scripts of one benchmark. */
  ask<Answer>(question: object): Promise<Answer>;
  close(): Promise<void>;
};

/** Starts a script beside this one. Rejects what is asked when the process ends. */
export function startChild(script: string, environment: Record<string, string> = {}): Child {
  const child: ChildProcess = fork(join(import.meta.dirname, script), {
    env: { ...process.env, ...environment },
    // Collected before memory is read, so that what is counted is held and not just left over.
    execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${script} ended with the code ${String(code)}`);
  });
  ended.catch(() => {});
  return {
    pid: child.pid ?? 0,
    async ask<Answer>(question: object) {
      const answered = once(child, "message");
      child.send(question);
      const [answer] = await Promise.race([answered, ended]);
      if ("failure" in answer) throw new Error(`${script}: ${answer.failure}`);
      return answer as Answer;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.disconnect();
      child.kill("SIGKILL");
      await gone;
      child.unref();
    },
  };
}

/** Answers the questions of the process that started this one. It asks what `answer` takes. */
export function answerParent(answer: (question: never) => Promise<object> | object): void {
  // Whoever started it may have been killed.
  process.once("disconnect", () => process.exit());
  process.on("message", (question) => {
    void (async () => {
      try {
        process.send?.(await answer(question as never));
      } catch (error) {
        process.send?.({ failure: error instanceof Error ? error.stack : String(error) });
      }
    })();
  });
}

import closeWithGrace from "close-with-grace";
import { createApp } from "./app.ts";
import { type Config, readConfig } from "./config.ts";
import { createLog } from "./kit/log.ts";
import { openCalls } from "./open-calls.ts";
import { openEngines } from "./open-engines.ts";

const signals: ("SIGINT" | "SIGTERM" | "SIGHUP")[] = ["SIGINT", "SIGTERM", "SIGHUP"];

try {
  await main(readConfig(process.env));
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

async function main(config: Config): Promise<void> {
  const log = createLog({ level: config.logLevel, pretty: !config.production });
  const app = await createApp({ config, log, openEngines, openCalls });
  const grace = closeWithGrace({ delay: 5000, logger: false, skip: signals }, async ({ err }) => {
    if (err) log.fatal({ err }, "the server has to stop");
    await app.close();
  });
  // A terminal's signal may come twice, by way of npm. The second is no reason for a rude end:
  // closing is bounded.
  const close = once(grace.close);
  for (const signal of signals) process.on(signal, close);
  try {
    const address = await app.listen();
    console.log(
      `Parley listens at ${config.publicUrl ?? address.replace("127.0.0.1", "localhost")}`,
    );
  } catch (error) {
    // It would end the process as if all were well.
    grace.uninstall();
    await app.close();
    throw error;
  }
  for (const notice of app.notices) console.log(`  ${notice}`);
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

/** One sentence for what somebody can mend, the whole trace for what nobody foresaw. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE") {
    return "The port is in use already. Choose another one: PORT=3001 npm start";
  }
  if (error.message.startsWith("These settings")) return error.message;
  return error.stack ?? error.message;
}

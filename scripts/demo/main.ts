import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { holdConversation } from "../../client/testing/conversation.ts";
import { startParley } from "../../client/testing/parley-server.ts";
import { type FliteVoice, fliteVoices, sentences } from "../../client/testing/speech.ts";
import { writeWav } from "../../client/testing/wav.ts";
import { createCaptionsView } from "./captions-view.ts";
import { demoReport, demoTable } from "./report.ts";

const usage = `usage: npm run demo -- [options]
  --voice ${fliteVoices.join("|")}   who speaks (slt)
  --sentences N        how many of the ${sentences.length} sentences (all)
  --out DIR            where the two WAV files go (./data/demo)
  --json               the last line is one JSON object`;

try {
  await main();
} catch (error) {
  console.error(`The demo can't run: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { voice, count, folder, json } = readOptions();
  const texts = sentences.slice(0, count);
  console.log(
    "Starting a server and two browsers: Ann speaks English, Ben reads and hears Spanish.",
  );
  const server = await startParley({ mode: "observed" });
  try {
    const view = createCaptionsView(process.stdout);
    const [conversation] = await holdConversation({
      server,
      speakers: [{ name: "Ann", voice, texts }],
      listeners: [{ name: "Ben", language: "es" }],
      onCaption: ({ event }) => view.show(event),
    });
    if (!conversation) throw new Error("nobody spoke to anybody");
    view.end();
    console.log(`\n${demoTable(conversation)}`);

    await mkdir(folder, { recursive: true });
    const [said, heard] = [join(folder, "said.wav"), join(folder, "heard.wav")];
    await writeWav(said, conversation.said);
    console.log(`\nwhat was said:  ${said}`);
    if (conversation.heard) {
      await writeWav(heard, conversation.heard.sound);
      console.log(`what was heard: ${heard}`);
    }
    if (json) console.log(JSON.stringify(demoReport(conversation)));
    if (!conversation.heard) {
      throw new Error(
        `Ben heard no interpreter. The server wrote:\n${server.output() || "nothing"}`,
      );
    }
  } finally {
    await server.close();
  }
}

function readOptions(): { voice: FliteVoice; count: number; folder: string; json: boolean } {
  const { values } = parseArgs({
    options: {
      voice: { type: "string", default: "slt" },
      sentences: { type: "string", default: String(sentences.length) },
      out: { type: "string", default: join("data", "demo") },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const voice = fliteVoices.find((name) => name === values.voice);
  const count = Number(values.sentences);
  if (values.help || !voice || !Number.isInteger(count) || count < 1) throw new Error(usage);
  return { voice, count, folder: values.out, json: values.json };
}

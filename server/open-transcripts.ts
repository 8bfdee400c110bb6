import type { Bus } from "./bus/bus.ts";
import { CaptionRecorder } from "./call/caption-recorder.ts";
import { createTranscripts, type TranscriptPorts } from "./call/transcripts.ts";
import { recoverDrafts } from "./call/write-captions.ts";
import type { Database } from "./database/database.ts";
import type { EngineRegistry } from "./interpreter/engines.ts";
import { type Glossary, withGlossary } from "./interpreter/glossary.ts";
import type { Closing } from "./kit/closing.ts";
import type { Log } from "./kit/log.ts";

/** What keeps captions, and what lets people read them. To be opened before calls, and so closed after. */
export async function openTranscripts(
  dependencies: TranscriptPorts & {
    db: Database;
    bus: Bus;
    engines: EngineRegistry;
    /** Throws ROOM_NOT_FOUND for a room that is gone. */
    settings: (roomId: string) => Promise<{ keepCaptions: boolean; glossary: Glossary }>;
    log: Log;
    closing: Closing;
  },
) {
  const { db, bus, engines, settings, log, closing } = dependencies;
  const { requireMember, membership, requireSpeaker, account } = dependencies;
  const count = await recoverDrafts(db);
  if (count > 0) log.warn({ count }, "kept what was being said when the server stopped");
  const recorder = new CaptionRecorder({ db, settings, log });
  closing.add("caption recorder", () => recorder.close());
  const transcripts = createTranscripts({
    db,
    bus,
    recorder,
    requireMember,
    membership,
    requireSpeaker,
    account,
    translatorFor: (roomId, from, to) => {
      const glossary = async () => (await settings(roomId)).glossary;
      return withGlossary(engines, glossary).translatorFor(from, to);
    },
    log,
  });
  closing.add("transcripts", () => transcripts.close());
  return {
    transcripts,
    record: recorder.record.bind(recorder),
  };
}

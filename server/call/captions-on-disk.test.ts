import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { migrateToLatest } from "../database/migrations.ts";
import { openDatabase } from "../database/open-database.ts";
import { insertSampleAccount, insertSampleRoom } from "../database/testing/sample-rows.ts";
import { silentLog } from "../kit/log.ts";
import { indexCaption } from "./caption-search-store.ts";
import { deleteCaption, lockCaption, updateCaption } from "./caption-store.ts";
import { type CaptionRecord, writeCaptions } from "./write-captions.ts";

it("captions on disk leave no trace of what was corrected away or removed", async () => {
  const directory = mkdtempSync(join(tmpdir(), "parley-captions-"));
  const sqliteFile = join(directory, "parley.db");
  const db = openDatabase({ sqliteFile }, silentLog);
  try {
    await migrateToLatest(db);
    await insertSampleRoom(db, "kitchen");
    await insertSampleAccount(db, "ann");
    const of = { roomId: "kitchen", accountId: "ann" };
    const times = { startedAt: "2026-01-01", endedAt: "2026-01-01", cut: false };
    const records: CaptionRecord[] = ["first", "second"].flatMap((id) => [
      { type: "final", ...of, id, language: "en", text: `${id}secret`, ...times },
      { type: "translation", ...of, id, language: "es", text: `es${id}secret` },
    ]);
    await writeCaptions(db, records, () => true);
    const read = async () => {
      await sql`pragma wal_checkpoint(truncate)`.execute(db);
      return readFileSync(sqliteFile, "latin1").match(/\w+secret/gu) ?? [];
    };
    expect((await read()).length).toBeGreaterThan(4);
    for (const id of ["first", "second"]) {
      const caption = await lockCaption(db, id);
      if (!caption) throw new Error("it was not kept");
      if (id === "first") {
        await updateCaption(db, caption, { text: "harmless", edition: 1 });
        await db.deleteFrom("caption_translations").where("sequence", "=", 1).execute();
        await indexCaption(db, { ...caption, text: "harmless" });
      } else await deleteCaption(db, caption);
    }
    expect(await read()).toEqual([]);
  } finally {
    await db.destroy();
    rmSync(directory, { recursive: true });
  }
});

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { microphoneSound, sentences } from "../../testing/speech.ts";
import { openStage, type Stage } from "../../testing/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ mode: "scripted" });
});
afterAll(async () => await stage.close());

test("what was said is there for whoever comes later, corrected, searched and taken along", async () => {
  const said = sentences.slice(0, 2);
  const [first = "", second = ""] = said;
  const { sound } = await microphoneSound({ texts: said, voice: "slt" });
  const ann = await stage.visit({ name: "Ann", language: "en", speech: sound });
  const ben = await stage.visit({ name: "Ben", language: "es" });
  await ann.enter();
  await ann.createRoom("Kitchen");
  await ben.enter();
  await ben.joinRoom("Kitchen");
  await ann.openMicrophone();
  const finals = ann.page.locator('[data-testid="caption"][data-state="final"]');
  await expect.poll(() => finals.count(), { timeout: 30_000 }).toBe(2);
  const spanish = ben.part("caption-translation").filter({ hasText: `[es] ${second}` });
  await spanish.waitFor({ timeout: 10_000 });

  // Ben was not there when it was said, as far as this page knows: it is joined with what is live.
  await ben.page.reload();
  await ben.part("join-room").click();
  await ben.part("caption-original").filter({ hasText: first }).waitFor();
  await spanish.waitFor();
  expect(await ben.part("caption").count()).toBe(2);
  // Others' words are not his to correct.
  expect(await ben.part("correct").count()).toBe(0);
  expect(await ben.part("remove-caption").count()).toBe(0);

  await finals.first().hover();
  await finals.first().getByTestId("correct").click();
  await ann.part("edit-input").fill("good evening everyone");
  await ann.page.keyboard.press("Enter");
  await ann.part("corrected").filter({ hasText: "corrected by" }).waitFor();
  await ben.part("caption-original").filter({ hasText: "good evening everyone" }).waitFor();
  await ben.part("corrected").filter({ hasText: "Ann" }).waitFor();
  await ben
    .part("caption-translation")
    .filter({ hasText: "[es] good evening everyone" })
    .waitFor({ timeout: 10_000 });

  await ben.part("search-transcript").click();
  await ben.part("transcript-search").fill("evening");
  const found = ben.part("found").filter({ hasText: "good evening everyone" });
  await found.waitFor();
  expect(await found.locator("mark").first().textContent()).toBe("evening");
  await found.click();
  await expect.poll(() => ben.part("caption").count()).toBe(2);

  await ben.part("export-transcript").click();
  await ben.page.getByRole("radio", { name: "What was said and all translations" }).click();
  const downloading = ben.page.waitForEvent("download");
  await ben.part("download-transcript").click();
  const file = await readFile(await (await downloading).path(), "utf8");
  expect(file).toContain("good evening everyone");
  expect(file).toContain("[es] good evening everyone");

  await finals.first().hover();
  await finals.first().getByTestId("remove-caption").click();
  await ann.part("confirm").click();
  await expect.poll(() => ann.part("caption").count()).toBe(1);
  await expect.poll(() => ben.part("caption").count()).toBe(1);
  await ann.page.reload();
  await ann.part("join-room").click();
  await finals.filter({ hasText: second }).waitFor();
  expect(await ann.part("caption").count()).toBe(1);
  expect([...ann.pageErrors, ...ben.pageErrors]).toEqual([]);
}, 90_000);

test("captions are as large as somebody wants them, without the original if they say so", async () => {
  const ben = await stage.visit({ name: "Ben", language: "es" });
  await ben.enter();
  await ben.page.evaluate(async () => {
    const captions = { size: "huge", original: false } as const;
    await window.parley?.api.account.setPreferences.mutate({ captions });
  });
  await ben.page.reload();
  const { sound } = await microphoneSound({ texts: sentences.slice(0, 1), voice: "slt" });
  const ann = await stage.visit({ name: "Ann", language: "en", speech: sound });
  await ann.enter();
  await ann.createRoom("Hall");
  await ben.page.goto(ann.page.url());
  await ben.part("join-room").click();
  await ben.part("microphone").waitFor();
  await ann.openMicrophone();
  await ben.part("caption-translation").filter({ hasText: "[es]" }).waitFor({ timeout: 30_000 });
  await expect
    .poll(() => ben.page.locator('[data-testid="caption"][data-state="final"]').count())
    .toBe(1);
  expect(await ben.part("caption-original").count()).toBe(0);
  const size = (visitor: typeof ben) =>
    visitor
      .part("caption")
      .first()
      .locator("p")
      .last()
      .evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
  expect(await size(ben)).toBeGreaterThan(await size(ann));
}, 90_000);

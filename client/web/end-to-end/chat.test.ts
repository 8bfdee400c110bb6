import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "../../testing/stage.ts";
import type { Visitor } from "../../testing/visitor.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ mode: "scripted" });
});
afterAll(async () => await stage.close());

/** 2 by 3 pixels. */
const photo = {
  name: "garden.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAEElEQVR4nGNwW1UBRAwoFABXgQhx4ewPNAAAAABJRU5ErkJggg==",
    "base64",
  ),
};

/** Ann, who writes English, and Ben, who reads Spanish, at the chat of a room. */
async function meet(): Promise<{ ann: Visitor; ben: Visitor; room: string }> {
  const ann = await stage.visit({ name: "Ann", language: "en" });
  const ben = await stage.visit({ name: "Ben", language: "es" });
  const room = `Kitchen ${randomUUID().slice(0, 8)}`;
  await ann.enter();
  await ann.createRoom(room);
  await ben.enter();
  await ben.joinRoom(room);
  await ann.openChat();
  await ben.openChat();
  return { ann, ben, room };
}

const message = (visitor: Visitor, text: string) =>
  visitor.part("chat-message").filter({ hasText: text });

async function chooseFromMenu(visitor: Visitor, text: string, item: string): Promise<void> {
  // The message itself comes before answers that quote it.
  await message(visitor, text).first().hover();
  await message(visitor, text).first().getByTestId("message-menu").click();
  await visitor.part(item).click();
}

test("everyone reads their own language, with the original beside it on demand", async () => {
  const { ann, ben } = await meet();
  await ann.writeMessage("Good morning");
  const translated = message(ben, "[es] Good morning");
  await translated.waitFor();
  expect(await translated.getByTestId("message-original").count()).toBe(0);
  await translated.getByTestId("show-original").click();
  await translated
    .getByTestId("message-original")
    .getByText("Good morning", { exact: true })
    .waitFor();

  await ben.choose("read-select", null);
  await message(ben, "Good morning").waitFor();
  await expect.poll(() => message(ben, "[es]").count()).toBe(0);
  // It is so wherever else he signs in.
  const kept = () =>
    ben.page.evaluate(async () => {
      const account = await window.parley?.api.account.me.query();
      return account?.preferences.languages;
    });
  await expect.poll(kept).toEqual({ read: null });
  // Nothing translates from Spanish here, and a smile needs no translation.
  await ben.writeMessage("👍");
  await ben.writeMessage("Buenos días");
  await message(ann, "Buenos días").getByTestId("no-translation").waitFor();
  expect(await message(ann, "👍").getByTestId("no-translation").count()).toBe(0);
  expect([...ann.pageErrors, ...ben.pageErrors]).toEqual([]);
}, 60_000);

test("messages are answered, reacted to, changed, and taken back", async () => {
  const { ann, ben } = await meet();
  await ann.writeMessage("Shall we begin?");
  await ben.choose("read-select", null);
  await message(ben, "Shall we begin?").hover();
  await message(ben, "Shall we begin?").getByTestId("reply").click();
  await ben.part("chat-input").pressSequentially("Yes, ");
  await ann.part("typing").filter({ hasText: "Ben" }).waitFor();
  await ben.part("chat-input").pressSequentially("let us");
  await ben.page.keyboard.press("Enter");
  const answer = message(ann, "Yes, let us");
  await answer.getByTestId("quote").filter({ hasText: "Shall we begin?" }).waitFor();
  // Who has read it is told.
  await ben.part("seen-by").filter({ hasText: "Ann" }).waitFor();

  // By keyboard alone: the second of the row.
  await answer.getByTestId("react").focus();
  await ann.page.keyboard.press("Enter");
  await ann.page.getByRole("button", { name: "React with 👍" }).waitFor();
  await ann.page.keyboard.press("ArrowRight");
  await ann.page.keyboard.press("Enter");
  const reaction = message(ben, "Yes, let us").getByTestId("reaction");
  await reaction.filter({ hasText: "❤️" }).waitFor();
  expect(await reaction.getAttribute("aria-pressed")).toBe("false");
  await reaction.click();
  await answer.getByTestId("reaction").filter({ hasText: "2" }).waitFor();
  expect(await answer.getByTestId("reaction").getAttribute("aria-pressed")).toBe("true");

  await chooseFromMenu(ann, "Shall we begin?", "edit-message");
  await ann.part("edit-input").fill("Shall we start?");
  await ann.part("save-edit").click({ trial: true });
  await ann.page.keyboard.press("Enter");
  await message(ben, "Shall we start?").filter({ hasText: "edited" }).waitFor();
  await message(ben, "Yes, let us")
    .getByTestId("quote")
    .filter({ hasText: "Shall we start?" })
    .waitFor();

  // The owner of a room takes away what others wrote, too.
  await chooseFromMenu(ann, "Yes, let us", "remove-message");
  await ann.part("confirm").click();
  await message(ben, "This message was removed.").waitFor();
  expect(await message(ben, "Yes, let us").count()).toBe(0);
}, 60_000);

test("photos go with a message, and what can't be sent is said so", async () => {
  const { ann, ben } = await meet();
  const files = ann.page.locator('input[type="file"]').last();
  await files.setInputFiles([
    photo,
    { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no picture") },
  ]);
  const refused = ann.part("attachment").filter({ hasText: "broken.png" });
  await refused.getByRole("alert").waitFor();
  expect(await ann.part("chat-send").isDisabled()).toBe(true);
  await refused.getByRole("button", { name: "Remove broken.png" }).click();
  await ann.page.locator('[data-testid="attachment"][data-state="ready"]').waitFor();
  await ann.part("chat-send").click();

  const shown = ben.part("photo");
  await shown.waitFor();
  await expect
    .poll(() => shown.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBe(2);
  await shown.click();
  await ben.page.getByRole("dialog", { name: "garden" }).waitFor();
  await ben.page.keyboard.press("Escape");
  await ben.part("large-photo").waitFor({ state: "detached" });
}, 60_000);

test("a long chat is read upward in place, searched, and left again by a button", async () => {
  const { ann, ben } = await meet();
  // Quicker than by typing.
  await ann.page.evaluate(async () => {
    const { parley, parleyCall } = window;
    const roomId = parleyCall?.roomId ?? "";
    for (let index = 1; index <= 90; index += 1) {
      const clientId = crypto.randomUUID();
      await parley?.api.chat.send.mutate({ roomId, text: `remark number ${index}.`, clientId });
    }
  });
  await message(ben, "remark number 90.").waitFor();
  await ben.page.reload();
  await ben.part("join-room").click();
  await ben.openChat();
  await ben.choose("read-select", null);
  await message(ben, "remark number 90.").waitFor();
  expect(await message(ben, "remark number 5.").count()).toBe(0);

  // What is found near by is brought into sight, too.
  await ben.part("search-chat").click();
  await ben.part("chat-search").fill("number 70");
  await ben.part("found").filter({ hasText: "remark number 70." }).click();
  await expect.poll(() => message(ben, "remark number 70.").evaluate(isInSight)).toBe(true);

  const log = ben.page.getByRole("log", { name: "Chat" });
  const placeOf = async (text: string) => (await message(ben, text).boundingBox())?.y ?? 0;
  await log.evaluate((element) => element.scrollTo(0, 100));
  await message(ben, "remark number 40.").waitFor({ state: "attached" });
  // What was the first remark before is still in sight, though thirty came in above.
  await expect.poll(() => placeOf("remark number 62.")).toBeGreaterThan(0);

  await ben.part("search-chat").click();
  await ben.part("chat-search").fill("number 3");
  const found = ben.part("found").filter({ hasText: "remark number 3." });
  await found.waitFor();
  expect(await found.locator("mark").allTextContents()).toEqual(["number", "3"]);
  await found.click();
  await expect.poll(() => message(ben, "remark number 3.").evaluate(isInSight)).toBe(true);

  await ann.writeMessage("And something new");
  await ben.part("to-newest").filter({ hasText: "1 new message" }).click();
  await expect.poll(() => message(ben, "And something new").evaluate(isInSight)).toBe(true);
  await ben.part("to-newest").waitFor({ state: "detached" });
}, 90_000);

test("what came while nobody looked is counted and marked, and what failed is sent again", async () => {
  const { ann, ben } = await meet();
  await ann.writeMessage("First");
  await message(ben, "First").waitFor();
  await ann.part("seen-by").waitFor();
  await ben.part("chat-toggle").click();
  // The first attempt fails for good, as far as the page can tell.
  let attempts = 0;
  await ann.page.route("**/trpc/chat.send*", async (route) => {
    attempts += 1;
    if (attempts > 1) return await route.continue();
    const error = { code: -32_003, message: "no", data: { reason: "FORBIDDEN" } };
    await route.fulfill({ status: 403, json: { error } });
  });
  await ann.writeMessage("Second");
  await ann.part("not-sent").waitFor();
  await ann.part("send-again").click();
  await ann.part("not-sent").waitFor({ state: "detached" });
  await expect.poll(() => message(ann, "Second").count()).toBe(1);

  const toggle = ben.page.getByRole("button", { name: "Open the chat, 1 unread message" });
  await toggle.click();
  await ben.part("new-messages").waitFor();
  await message(ben, "Second").waitFor();
  expect(await message(ben, "Second").count()).toBe(1);
}, 60_000);

function isInSight(element: Element): boolean {
  const list = element.closest('[role="log"]')?.getBoundingClientRect();
  const { top, bottom } = element.getBoundingClientRect();
  return list !== undefined && top >= list.top - 1 && bottom <= list.bottom + 1;
}

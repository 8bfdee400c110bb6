import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { microphoneSound } from "../../testing/speech.ts";
import { openStage, type Stage } from "../../testing/stage.ts";

let stage: Stage;
/** The tests share a server, and each has a room of its own there. */
let room: string;
beforeAll(async () => {
  stage = await openStage();
});
beforeEach(() => {
  room = `Kitchen ${randomUUID().slice(0, 8)}`;
});
afterAll(async () => await stage.close());

test("from the entry to a room, to a chat, and out again", async () => {
  const ann = await stage.visit({ name: "Ann <b>Bold</b>", language: "en" });
  // Of the same language: what they write is shown as it was written.
  const ben = await stage.visit({ name: "Ben", language: "en" });
  await ann.enter();
  await ben.enter();
  const roomId = await ann.createRoom(room);
  expect(await ben.joinRoom(room)).toBe(roomId);
  // Names are text, whatever they hold.
  await ben.part("person").filter({ hasText: "Ann <b>Bold</b>" }).waitFor();
  await ann.part("person").filter({ hasText: "Ben" }).waitFor();

  await ann.writeMessage("Hello, <i>Ben</i>");
  await ben.openChat();
  await ben.part("chat-message").filter({ hasText: "Hello, <i>Ben</i>" }).waitFor();
  await ben.writeMessage("Hola, Ann");
  await ann.part("chat-message").filter({ hasText: "Hola, Ann" }).waitFor();
  expect(await ann.part("chat-message").count()).toBe(2);

  // A reload comes back into the room, signed in, with the chat there.
  await ben.page.reload();
  await ben.part("join-room").click();
  await ben.openChat();
  await expect.poll(() => ben.part("chat-message").count()).toBe(2);

  await ben.part("leave").click();
  await ben.part("room-list").waitFor();
  expect([...ann.pageErrors, ...ben.pageErrors]).toEqual([]);
}, 60_000);

test("whoever has the link of a room gets in by it", async () => {
  const ann = await stage.visit({ name: "Ann", language: "en" });
  await ann.enter();
  await ann.createRoom(room);
  const ben = await stage.visit({ name: "Ben", language: "es" });
  await ben.page.goto(ann.page.url());
  await ben.introduce();
  await ben.part("join-room").click();
  await ben.part("microphone").waitFor();
  await ann.part("person").filter({ hasText: "Ben" }).waitFor();
}, 60_000);

test("errors are sentences", async () => {
  const denied = await stage.visit({ name: "Ann", language: "en", microphoneAllowed: false });
  await denied.page.goto(`${stage.server.url}/rooms/no-such-room`);
  await denied.introduce();
  await denied.part("join-room").click();
  await denied.page.getByText("There is no such room.").waitFor();

  await denied.page.goto(stage.server.url);
  await denied.createRoom(room);
  await denied.part("microphone").click();
  await denied.page
    .getByRole("alert")
    .filter({ hasText: /microphone is not allowed|No microphone was found/u })
    .waitFor();
  expect(await denied.part("microphone").getAttribute("aria-pressed")).toBe("false");
}, 60_000);

test("a language that no recogniser knows is said so, and the original is heard", async () => {
  const { sound } = await microphoneSound({
    texts: ["good morning", "thank you very much"],
    voice: "slt",
    leadInMs: 2500,
  });
  const ann = await stage.visit({ name: "Ann", language: "fi", speech: sound });
  const ben = await stage.visit({ name: "Ben", language: "es" });
  await ann.enter();
  await ann.createRoom(room);
  await ben.enter();
  await ben.joinRoom(room);
  await ann.openMicrophone();
  const openedAt = Date.now();
  await ben.part("notice").filter({ hasText: "speaks Finnish" }).waitFor();
  await ann.part("notice").filter({ hasText: "Choose another language" }).waitFor();
  await ben.recordVoice("original", { kind: "original" });
  await expect
    .poll(async () => (await ben.recording("original")).onset(openedAt, Infinity), {
      timeout: 10_000,
    })
    .toBeGreaterThan(openedAt);
}, 60_000);

test("a chat that covers a phone hides no open microphone, and keeps what is half written", async () => {
  const { sound } = await microphoneSound({ texts: ["good morning"], voice: "slt" });
  const viewport = { width: 390, height: 800 };
  const ann = await stage.visit({ name: "Ann", language: "en", speech: sound, viewport });
  await ann.enter();
  await ann.createRoom(`Hall ${randomUUID().slice(0, 8)}`);
  await ann.openMicrophone();
  await ann.openChat();
  await ann.part("mute-in-chat").click();
  await expect.poll(() => ann.page.evaluate(() => window.parleyCall?.muted)).toBe(true);

  await ann.part("chat-input").fill("half of a tho");
  const chat = ann.page.getByRole("dialog", { name: "Chat" });
  const close = chat.getByRole("button", { name: "Close the chat" });
  await close.click();
  await close.waitFor({ state: "detached" });
  await ann.openChat();
  expect(await ann.part("chat-input").inputValue()).toBe("half of a tho");
  expect(ann.pageErrors).toEqual([]);
}, 60_000);

test("Enter takes the language that was found, however late the page's timers run", async () => {
  const ann = await stage.visit({ name: "Ann", language: "en" });
  const { page } = ann;
  await page.goto(stage.server.url);
  await page.getByRole("textbox", { name: "Your name" }).fill("Ann");
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1000);
  await page.keyboard.press("Tab");
  await page.keyboard.type("spani");
  await page.clock.runFor(1000);
  await page.keyboard.press("Enter");
  await page.clock.resume();
  await expect.poll(() => ann.part("language-select").inputValue()).toBe("Español");
}, 60_000);

test("the page can be used by keyboard and with a screen reader", async () => {
  const ann = await stage.visit({ name: "Ann", language: "en" });
  const { page } = ann;
  await page.goto(stage.server.url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByRole("textbox", { name: "Your name" }).fill("Ann");
  // Enter takes the language that was found, and only then sends the form.
  await page.keyboard.press("Tab");
  await page.keyboard.type("spani");
  await page.keyboard.press("Enter");
  await expect.poll(() => ann.part("language-select").inputValue()).toBe("Español");
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Name of a new room" }).fill(room);
  await page.keyboard.press("Enter");

  await page.getByRole("main").waitFor();
  await page.getByRole("log", { name: "Captions" }).waitFor();
  const microphone = page.getByRole("button", { name: "Speak", exact: true });
  await expect.poll(() => microphone.getAttribute("aria-pressed")).toBe("false");
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  // One stop for a list of lines, however many there are; arrows go about in it.
  await ann.writeMessage("Hello");
  // While a message is on its way, there is nothing to do to it.
  await ann.part("react").waitFor({ state: "attached" });
  await page.getByRole("log", { name: "Chat" }).focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => focused(page)).toBe("react");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Tab");
  await expect.poll(() => focused(page)).toBe("attach");
  // What closes itself gives the focus to what opens it again.
  await page.getByRole("complementary", { name: "Chat" }).getByLabel("Close the chat").click();
  await expect.poll(() => focused(page)).toBe("chat-toggle");
  // Everything that can be pressed has a name.
  const nameless = await page.getByRole("button", { name: /^$/u }).count();
  expect(nameless).toBe(0);
}, 60_000);

async function focused(page: Page): Promise<string | undefined> {
  return await page.evaluate(() => {
    const { activeElement } = document;
    return activeElement instanceof HTMLElement ? activeElement.dataset["testid"] : undefined;
  });
}

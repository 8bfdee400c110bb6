/** Makes the pictures of the documents: real people's screens in a real conversation. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchChromium } from "../client/testing/chromium.ts";
import { startParley } from "../client/testing/parley-server.ts";
import { microphoneSound } from "../client/testing/speech.ts";
import { Visitor } from "../client/testing/visitor.ts";
import { writeWav } from "../client/testing/wav.ts";

const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
const texts = [
  "good morning everyone and welcome to the meeting",
  "the train to london leaves at seven in the morning",
  "i think we should talk about the money first",
];

const images = join(import.meta.dirname, "../docs/images");
const folder = await mkdtemp(join(tmpdir(), "parley-screenshots-"));
const server = await startParley();
const { url } = server;
try {
  await mkdir(images, { recursive: true });
  const microphone = join(folder, "microphone.wav");
  const { sound } = await microphoneSound({ texts, voice: "slt" });
  await writeWav(microphone, sound);
  const browser = await launchChromium({ microphone });
  const ann = await Visitor.open(browser, { url, name: "Ann", language: "en", viewport: desktop });
  const ben = await Visitor.open(browser, { url, name: "Ben", language: "es", viewport: desktop });
  const chloe = await Visitor.open(browser, {
    url,
    name: "Chloe",
    language: "fr",
    viewport: phone,
  });
  await shoot(chloe, "entry-phone", { before: () => chloe.page.goto(url) });
  await Promise.all([ann.enter(), ben.enter(), chloe.enter()]);
  await ann.createRoom("Kitchen table");
  await shoot(ben, "rooms-desktop", { before: () => ben.part("join-room").waitFor() });
  await ben.joinRoom("Kitchen table");
  await chloe.joinRoom("Kitchen table");
  await say(ann, "Coffee is ready.");
  await say(ben, "¡Gracias! Ahora vengo.");
  await ann.openMicrophone();
  // The last sentence is still being said.
  await ben.page
    .getByTestId("caption")
    .filter({ hasText: /think we should/u })
    .first()
    .waitFor({ timeout: 60_000 });
  await shoot(ben, "room-desktop");
  await shoot(chloe, "room-phone");
  await browser.close();
} finally {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

/** In the page: until no colour is on its way to that of the other scheme. */
async function settleColours(): Promise<void> {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(transitions.map(({ finished }) => finished));
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}

async function say(visitor: Visitor, text: string): Promise<void> {
  await visitor.part("chat-input").fill(text);
  await visitor.part("chat-send").click();
}

async function shoot(
  { page }: Visitor,
  name: string,
  options: { before?: () => Promise<unknown> } = {},
): Promise<void> {
  await options.before?.();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    await page.evaluate(settleColours);
    await page.screenshot({ path: join(images, `${name}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

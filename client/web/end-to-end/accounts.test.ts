import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "../../testing/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => await stage.close());

const password = "a quiet kitchen table";
const newAddress = () => `ann-${randomUUID().slice(0, 8)}@example.org`;
const part = (page: Page, testId: string) => page.getByTestId(testId);

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [testId, text] of Object.entries(fields)) await part(page, testId).fill(text);
}

async function signOut(page: Page): Promise<void> {
  await page.goto(`${stage.server.url}/rooms`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await part(page, "enter").waitFor();
}

async function signIn(page: Page, email: string, secret: string): Promise<void> {
  await page.goto(`${stage.server.url}/sign-in`);
  await fill(page, { "email-input": email, "password-input": secret });
  await part(page, "sign-in").click();
}

test("an account, from its making to its end", async () => {
  const email = newAddress();
  const { page, pageErrors } = await stage.visit({ name: "Ann", language: "en" });
  await page.goto(`${stage.server.url}/register`);
  await fill(page, { "name-input": "Ann", "email-input": email, "password-input": password });
  await part(page, "register").click();

  // The letter that a server under development shows instead of sending it.
  await part(page, "to-account").click();
  await page.getByText("not confirmed").waitFor();
  await part(page, "send-verification").click();
  await part(page, "development-mail").getByRole("link").click();
  await part(page, "verify-email").click();
  await part(page, "email-verified").waitFor();
  await page.goto(`${stage.server.url}/account`);
  await page.getByText("confirmed", { exact: true }).waitFor();

  await signOut(page);
  await signIn(page, email, "not my password");
  await page.getByRole("alert").filter({ hasText: "password is not right" }).waitFor();
  await signIn(page, email, password);
  await part(page, "to-account").click();

  await fill(page, { "current-password": password, "new-password": `${password} again` });
  await part(page, "change-password").click();
  await page.getByText("Your password is changed").waitFor();
  await part(page, "account-name").fill("Ann Bold");
  await page.getByRole("button", { name: "Save" }).click();
  await page.reload();
  await expect.poll(() => part(page, "account-name").inputValue()).toBe("Ann Bold");

  await part(page, "remove-account").click();
  await part(page, "removal-password").fill(`${password} again`);
  await part(page, "confirm-removal").click();
  await part(page, "enter").waitFor();
  await signIn(page, email, `${password} again`);
  await page.getByRole("alert").filter({ hasText: "password is not right" }).waitFor();
  expect(pageErrors).toEqual([]);
}, 60_000);

test("each page has a name of its own, for tabs and for who doesn't see it", async () => {
  const visitor = await stage.visit({ name: "Ivy", language: "en" });
  const { page } = visitor;
  const named = async (name: string) =>
    await expect.poll(() => page.title()).toBe(`${name} · Parley`);
  await page.goto(`${stage.server.url}/register`);
  await named("Create your account");
  await page.goto(`${stage.server.url}/nowhere`);
  await named("There is no such page");
  await visitor.enter();
  await named("All rooms");
  await part(page, "to-account").click();
  await named("Your account");
  await page.goBack();
  await part(page, "room-name").fill("Pantry");
  await part(page, "create-room").click();
  await named("Pantry");
}, 60_000);

test("a forgotten password is replaced by the link in the mail, once", async () => {
  const email = newAddress();
  const { page } = await stage.visit({ name: "Ben", language: "en" });
  await page.goto(`${stage.server.url}/register`);
  await fill(page, { "name-input": "Ben", "email-input": email, "password-input": password });
  await part(page, "register").click();
  await part(page, "to-account").waitFor();
  await signOut(page);

  await page.goto(`${stage.server.url}/forgot-password`);
  // Nobody is shown what others were written.
  await part(page, "email-input").fill(newAddress());
  const letters = page.waitForResponse(/account\.developmentMail/u);
  await part(page, "request-reset").click();
  await (await letters).finished();
  expect(await part(page, "development-mail").count()).toBe(0);
  await part(page, "email-input").fill(email);
  await part(page, "request-reset").click();
  const link = part(page, "development-mail").filter({ hasText: email }).getByRole("link");
  await page.waitForFunction(() =>
    document.querySelector('[data-testid="development-mail"]')?.textContent.includes("password"),
  );
  const address = await link.getAttribute("href");
  await link.click();
  await part(page, "password-input").fill("another quiet table");
  await part(page, "reset-password").click();
  await part(page, "password-reset").waitFor();
  await signIn(page, email, "another quiet table");
  await part(page, "to-account").waitFor();

  await page.goto(`${stage.server.url}${address}`);
  await part(page, "password-input").fill("a third quiet table");
  await part(page, "reset-password").click();
  await page.getByRole("alert").waitFor();
}, 60_000);

test("a guest who makes an account keeps the rooms that are theirs", async () => {
  const guest = await stage.visit({ name: "Chloe", language: "fr" });
  const { page } = guest;
  await guest.enter();
  // A guest has no way back, so they are asked.
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stay" }).click();
  await part(page, "room-name").fill("Kitchen");
  await part(page, "create-room").click();
  await part(page, "person").filter({ hasText: "Chloe (you)" }).waitFor();
  const room = page.url();
  await page.goto(`${stage.server.url}/account`);
  const email = newAddress();
  await fill(page, { "email-input": email, "password-input": password });
  await part(page, "upgrade").click();
  await part(page, "account-email").filter({ hasText: email }).waitFor();

  await signOut(page);
  await signIn(page, email, password);
  await part(page, "to-account").waitFor();
  await page.goto(room);
  await part(page, "join-room").click();
  await part(page, "person").filter({ hasText: "Chloe (you)" }).waitFor();

  // What she reads is kept with her account, until she says that she speaks something else.
  await guest.choose("read-select", null);
  const languages = () =>
    page.evaluate(async () => {
      const account = await window.parley?.api.account.me.query();
      return account?.preferences.languages;
    });
  await expect.poll(languages).toEqual({ read: null });
  // So is how loud she wants the voices.
  await part(page, "settings").click();
  await page.getByRole("slider", { name: "Interpreter" }).press("ArrowLeft");
  const voice = () =>
    page.evaluate(async () => {
      const account = await window.parley?.api.account.me.query();
      return account?.preferences.voice;
    });
  await expect.poll(voice).toEqual({ originalVolume: 0.2, interpreterVolume: 0.95 });
  await page.goto(`${stage.server.url}/account`);
  await guest.choose("account-language", "es");
  await expect.poll(languages).toEqual({});
}, 60_000);

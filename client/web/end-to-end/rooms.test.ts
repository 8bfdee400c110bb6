import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openStage, type Stage } from "../../testing/stage.ts";
import type { Visitor } from "../../testing/visitor.ts";

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

const part = (page: Page, testId: string) => page.getByTestId(testId);
const person = ({ page }: Visitor, name: string) => part(page, "person").filter({ hasText: name });
/** A switch is its label's to press. */
async function turnOn(page: Page, testId: string, label: string): Promise<void> {
  await page.locator("label").filter({ hasText: label }).click();
  await expect.poll(() => part(page, testId).isChecked()).toBe(true);
}

/** Somebody in a room that they have made. Gives the room's address. */
async function host(options: { isPrivate?: boolean; password?: string; lobby?: boolean } = {}) {
  const ann = await stage.visit({ name: "Ann", language: "en" });
  const { page } = ann;
  await ann.enter();
  await part(page, "room-name").fill(room);
  if (options.isPrivate || options.password || options.lobby) {
    await part(page, "more-options").click();
  }
  if (options.isPrivate) await turnOn(page, "room-private", "Private");
  if (options.password) await part(page, "new-room-password").fill(options.password);
  if (options.lobby) await turnOn(page, "room-lobby", "Lobby");
  await part(page, "create-room").click();
  await person(ann, "Ann (you)").waitFor();
  return { ann, page, address: page.url() };
}

/** Somebody who comes to an address of a room and presses the button there. */
async function arrive(name: string, address: string): Promise<Visitor> {
  const visitor = await stage.visit({ name, language: "es" });
  await visitor.page.goto(address);
  await visitor.introduce();
  await visitor.part("join-room").click();
  return visitor;
}

async function choose(host: Visitor, name: string, action: string): Promise<void> {
  await person(host, name).getByTestId("member-menu").click();
  await host.part(action).click();
}

test("from a new account to a private room with a guest in it", async () => {
  const ann = await stage.visit({ name: "Ann", language: "en" });
  const { page } = ann;
  await page.goto(`${stage.server.url}/register`);
  await part(page, "name-input").fill("Ann");
  await part(page, "email-input").fill(`${randomUUID()}@example.org`);
  await part(page, "password-input").fill("a quiet kitchen table");
  await part(page, "register").click();

  await part(page, "room-name").fill(room);
  await part(page, "more-options").click();
  await turnOn(page, "room-private", "Private");
  await part(page, "create-room").click();
  await part(page, "invite").click();
  await part(page, "create-invite").click();
  const link = await part(page, "invite-link").inputValue();

  const ben = await stage.visit({ name: "Ben", language: "es" });
  await ben.page.goto(link);
  await part(ben.page, "invited-room").filter({ hasText: "Ann" }).waitFor();
  await ben.page.getByRole("heading", { name: room }).waitFor();
  await part(ben.page, "name-input").fill("Ben");
  await part(ben.page, "enter").click();
  await person(ben, "Ben (you)").waitFor();
  await person(ann, "Ben").waitFor();

  // Whoever has no invitation is told what one is told of rooms that there are not.
  const chloe = await arrive("Chloe", ben.page.url());
  await chloe.page.getByText("There is no such room.").waitFor();
  await chloe.page.goto(`${stage.server.url}/rooms`);
  await part(chloe.page, "search-rooms").fill(room);
  await chloe.page.getByText("No such room").waitFor();
  expect([...ann.pageErrors, ...ben.pageErrors, ...chloe.pageErrors]).toEqual([]);
}, 60_000);

test("an invitation that was revoked says so", async () => {
  const { page } = await host();
  await part(page, "invite").click();
  await part(page, "create-invite").click();
  const link = await part(page, "invite-link").inputValue();
  await part(page, "revoke-invite").click();
  await part(page, "revoke-invite").waitFor({ state: "detached" });

  const ben = await stage.visit({ name: "Ben", language: "es" });
  await ben.page.goto(link);
  await part(ben.page, "dead-invitation").waitFor();
}, 60_000);

test("a moderator mutes, sends out and bans, and each page shows it at once", async () => {
  const { ann, page, address } = await host();
  const ben = await arrive("Ben", address);
  await person(ann, "Ben").waitFor();
  const microphone = ben.part("microphone");
  await expect.poll(() => microphone.isEnabled(), { timeout: 20_000 }).toBe(true);

  await choose(ann, "Ben", "mute-member");
  await ben.part("microphone-state").filter({ hasText: "A moderator muted you" }).waitFor();
  expect(await microphone.isEnabled()).toBe(false);
  await choose(ann, "Ben", "mute-member");
  await ben.part("microphone-state").filter({ hasText: "Microphone off" }).waitFor();
  await choose(ann, "Ben", "role-listener");
  await ben.part("microphone-state").filter({ hasText: "here to listen" }).waitFor();

  const chloe = await arrive("Chloe", address);
  await person(ann, "Chloe").waitFor();
  await choose(ann, "Chloe", "kick-member");
  await part(page, "confirm").click();
  await part(chloe.page, "departed").filter({ hasText: "sent out" }).waitFor();

  await choose(ann, "Ben", "ban-member");
  await part(page, "confirm").click();
  await part(ben.page, "departed").filter({ hasText: "banned" }).waitFor();
  await ben.page.goto(address);
  await ben.part("join-room").click();
  await ben.page.getByText("There is no such room.").waitFor();
  expect(await ben.part("person").count()).toBe(0);

  await part(page, "room-menu").click();
  await part(page, "open-members").click();
  await part(page, "banned-tab").click();
  await part(page, "bans").filter({ hasText: "Ben" }).waitFor();
  await part(page, "unban").click();
  await page.getByText("Nobody is banned.").waitFor();
  await ben.page.reload();
  await ben.part("join-room").click();
  await person(ben, "Ben (you)").waitFor();
}, 90_000);

test("who comes to a room with a lobby waits until they are let in, or refused", async () => {
  const { ann, address } = await host({ lobby: true });
  const ben = await arrive("Ben", address);
  await ben.part("waiting").waitFor();
  await ann.part("waiting-person").filter({ hasText: "Ben" }).waitFor();
  // Who reloads waits on.
  await ben.page.reload();
  await ben.part("join-room").click();
  await ben.part("waiting").waitFor();
  await ann.part("admit").click();
  await person(ben, "Ben (you)").waitFor();
  await ann.part("waiting-people").waitFor({ state: "detached" });

  const chloe = await arrive("Chloe", address);
  await ann.part("waiting-person").filter({ hasText: "Chloe" }).waitFor();
  await ann.part("refuse").click();
  await chloe.part("departed").filter({ hasText: "did not let you in" }).waitFor();
}, 60_000);

test("the password of a private room opens it, and a wrong one tells nothing", async () => {
  const { ann, address } = await host({ isPrivate: true, password: "sesame" });
  const ben = await arrive("Ben", address);
  await ben.part("room-password").fill("open");
  await ben.part("try-password").click();
  await ben.page.getByRole("alert").nth(1).waitFor();
  await ben.part("room-password").fill("sesame");
  await ben.part("try-password").click();
  await person(ben, "Ben (you)").waitFor();
  await person(ann, "Ben").waitFor();
}, 60_000);

test("settings reach everyone in the room, and so does its end", async () => {
  const { ann, page, address } = await host();
  const ben = await arrive("Ben", address);
  await person(ann, "Ben").waitFor();
  await part(page, "room-menu").click();
  await part(page, "open-settings").click();
  await part(page, "settings-name").fill(`${room} at night`);
  await part(page, "room-speak").selectOption("moderator");
  await turnOn(page, "room-locked", "Lock");
  await part(page, "save-settings").click();
  await ben.page.getByRole("heading", { name: `${room} at night` }).waitFor();
  await ben.part("microphone-state").filter({ hasText: "Only moderators may speak" }).waitFor();
  const chloe = await arrive("Chloe", address);
  await chloe.page.getByRole("heading", { name: "This room is locked" }).waitFor();

  await part(page, "room-menu").click();
  await part(page, "open-settings").click();
  await part(page, "remove-room").click();
  // Escape answers the question alone.
  await part(page, "confirm").waitFor();
  await page.keyboard.press("Escape");
  await part(page, "confirm").waitFor({ state: "detached" });
  await part(page, "remove-room").click();
  await part(page, "confirm").click();
  await part(page, "room-list").waitFor();
  await ben.part("departed").filter({ hasText: "This room is gone" }).waitFor();
}, 60_000);

test("rooms are found by words, by language and by how near they are", async () => {
  const ann = await stage.visit({ name: "Ann", language: "en" });
  const { page } = ann;
  await page.context().grantPermissions(["geolocation"]);
  await page.context().setGeolocation({ latitude: 48.2, longitude: 16.37 });
  await ann.enter();
  await part(page, "room-name").fill(room);
  await part(page, "more-options").click();
  await part(page, "place-here").click();
  await page.getByText("The room has a place").waitFor();
  await part(page, "create-room").click();
  await person(ann, "Ann (you)").waitFor();

  const ben = await stage.visit({ name: "Ben", language: "es" });
  await ben.page.context().grantPermissions(["geolocation"]);
  await ben.page.context().setGeolocation({ latitude: 48.2, longitude: 16.42 });
  await ben.enter();
  const card = ben.part("room-list").getByRole("listitem").filter({ hasText: room });
  await ben.part("search-rooms").fill(room.slice("Kitchen ".length));
  await card.waitFor();
  await ben.part("near-me").click();
  await card.filter({ hasText: "3.7 km away" }).waitFor();
  await ben.choose("filter-language", "fr");
  await ben.page.getByText("No such room").waitFor();

  // One's own rooms stand above the others.
  await page.goto(`${stage.server.url}/rooms`);
  await page.getByRole("region", { name: "Your rooms" }).getByText(room).waitFor();
}, 60_000);

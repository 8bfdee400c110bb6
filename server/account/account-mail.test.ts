import { expect, it } from "vitest";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import { migrateToLatest } from "../database/migrations.ts";
import { openDatabase } from "../database/open-database.ts";
import { createLimiters } from "../kit/limiter.ts";
import { silentLog } from "../kit/log.ts";
import { createPasswords } from "../kit/passwords.ts";
import type { Mail } from "../mail/mailer.ts";
import { createAccountMail } from "./account-mail.ts";
import { markRemoving, type StoredAccount } from "./account-store.ts";
import { createLuciaSessions } from "./lucia-sessions.ts";
import { createSignIn } from "./sign-in.ts";
import { createSignInLimits } from "./sign-in-limits.ts";

async function setUp() {
  const db = openDatabase({ sqliteFile: ":memory:" }, silentLog);
  await migrateToLatest(db);
  const sent: Mail[] = [];
  const sessions = createLuciaSessions({ db, bus: new EmbeddedBus() });
  const passwords = createPasswords();
  const limits = createSignInLimits(createLimiters({ log: silentLog }));
  const mail = createAccountMail({
    db,
    sessions,
    passwords,
    limits,
    mailer: {
      way: "sent",
      send: (letter) => Promise.resolve(void sent.push(letter)),
      written: () => Promise.resolve([]),
      forget: () => Promise.resolve(),
      close: () => undefined,
    },
    address: () => "http://localhost",
    log: silentLog,
  });
  const onAddressGiven = (account: StoredAccount) => mail.welcome(account);
  const signIn = createSignIn({ db, sessions, passwords, limits, onAddressGiven });
  return { db, sent, mail, signIn };
}

const email = "ann@example.org";
const person = { name: "Ann", language: "en", email, password: "a fine long secret" };
const client = { network: "127.0.0.1" };

it("is seen to after who registers is answered: what it takes shows whose an address is", async () => {
  const { db, sent, mail, signIn } = await setUp();
  const links = () => db.selectFrom("account_links").select("id").execute();
  await signIn.register(person, client);
  expect(await links()).toEqual([]);
  await expect.poll(() => sent.length).toBe(1);
  expect(await links()).toHaveLength(1);
  await mail.close();
  await db.destroy();
});

it("opens no account any more that is being removed", async () => {
  const { db, sent, mail, signIn } = await setUp();
  const { account } = await signIn.register(person, client);
  await mail.requestPasswordReset(email);
  await expect.poll(() => sent.length).toBe(2);
  const secret = /reset-password\?token=(\S+)/u.exec(sent.map(({ text }) => text).join("\n"))?.[1];
  await markRemoving(db, account.id);
  await expect(mail.resetPassword(secret ?? "", "another long secret")).rejects.toMatchObject({
    reason: "LINK_INVALID",
  });
  await mail.close();
  await db.destroy();
});

import { baseLanguage, type LanguageTag } from "../../shared/language.ts";
import type { Mail } from "../mail/mailer.ts";

type Text = Pick<Mail, "subject" | "text">;

/** Mails say nothing that somebody typed: they can be sent to others' addresses. */
type Texts = {
  verify: (link: string) => Text;
  reset: (link: string) => Text;
  /** To whoever has an account, when somebody gave their address for a new one. */
  taken: (links: { signIn: string; forgot: string }) => Text;
};

const english: Texts = {
  verify: (link) => ({
    subject: "Is this your address? (Parley)",
    text: `Hello,

somebody, most likely you, gave this address for an account at Parley. To say that it is yours, open

${link}

within three days. If it wasn't you, leave it: nobody can use your address then.
`,
  }),
  reset: (link) => ({
    subject: "A new password for Parley",
    text: `Hello,

somebody, most likely you, asked for a new password at Parley. To choose one, open

${link}

within an hour. It signs you out on every device. If it wasn't you, leave it: your password stays.
`,
  }),
  taken: ({ signIn, forgot }) => ({
    subject: "You have an account at Parley already",
    text: `Hello,

somebody gave this address for a new account at Parley, but you have one with it already. Nothing of
yours has changed. If it was you, sign in to the one that you have:

${signIn}

or choose a new password:

${forgot}
`,
  }),
};

const chinese: Texts = {
  verify: (link) => ({
    subject: "这是你的邮箱吗？（Parley）",
    text: `你好：

有人（很可能是你）用这个邮箱注册了 Parley 账号。如果邮箱是你的，请在三天内打开：

${link}

如果不是你，请不要理会：没有人能使用你的邮箱。
`,
  }),
  reset: (link) => ({
    subject: "重设 Parley 密码",
    text: `你好：

有人（很可能是你）请求重设 Parley 的密码。请在一小时内打开：

${link}

重设后，所有设备都会退出登录。如果不是你，请不要理会：密码不会改变。
`,
  }),
  taken: ({ signIn, forgot }) => ({
    subject: "你已经有 Parley 账号了",
    text: `你好：

有人用这个邮箱注册新的 Parley 账号，但你已经有一个账号了。你的账号没有任何变化。如果是你本人，请登录原来的账号：

${signIn}

或重设密码：

${forgot}
`,
  }),
};

/** What an account's mails say, in its language where there is a text in it. */
export function mailTexts(language: LanguageTag): Texts {
  return baseLanguage(language) === "zh" ? chinese : english;
}

import type { OwnAccount } from "../../shared/account.ts";
import { type AccountActions, createAccountKeeper } from "./account.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Call, CallOptions } from "./call.ts";
import { type Chat, openChat } from "./chat.ts";
import { type Api, type Connection, ServerConnection } from "./connection.ts";
import { joinCall } from "./live-call.ts";
import { toParleyError } from "./parley-error.ts";
import { type Room, Rooms } from "./room.ts";
import { openTranscript, type Transcript } from "./transcript.ts";
import { createUploads, type Uploads } from "./upload.ts";

/** A person's or a program's way into Parley. Everything but calls works outside of browsers too. */
export interface Parley extends AccountActions, Uploads {
  /**
   * Every procedure of the server, typed. It rejects as tRPC does, with what `toParleyError` makes a
   * ParleyError of.
   */
  readonly api: Api;
  /** Who is signed in, as far as this object knows. */
  readonly account: OwnAccount | undefined;
  readonly connection: Connection;

  /** Follows a room of which one is a member. To be closed. */
  room(roomId: string): Room;
  /**
   * Follows the messages of a room of which one is a member, with translations into `read`. To be
   * closed.
   */
  chat(roomId: string, options?: { read?: LanguageTag }): Chat;
  /** What was said in the calls of a room of which one is a member, if the room keeps it. */
  transcript(roomId: string): Transcript;
  readonly call: {
    /** Takes part in the call of a room of which one is a member. To be left. */
    join(roomId: string, options?: CallOptions): Promise<Call>;
  };
  /** Leaves every call and closes the connection. */
  close(): Promise<void>;
}

/** `url` is the server's, such as `https://parley.example`. Nothing is sent before it is needed. */
export function createParley(options: { url: string; token?: string }): Parley {
  const connection = new ServerConnection(options);
  const { api } = connection;
  const rooms = new Rooms(api);
  const calls = new Set<Call>();
  const uploads = createUploads({ url: options.url, token: () => connection.token() });

  async function leaveCalls(): Promise<void> {
    await Promise.all(Array.from(calls, (call) => call.leave()));
  }

  const accounts = createAccountKeeper({
    api,
    leaveCalls,
    enter: (token) => connection.setToken(token),
  });

  return {
    api,
    connection,
    get account() {
      return accounts.account;
    },
    signIn: reporting(accounts.signIn),
    register: reporting(accounts.register),
    logIn: reporting(accounts.logIn),
    upgrade: reporting(accounts.upgrade),
    changePassword: reporting(accounts.changePassword),
    restore: reporting(accounts.restore),
    setLanguage: reporting(accounts.setLanguage),
    signOut: reporting(accounts.signOut),
    removeAccount: reporting(accounts.removeAccount),

    upload: uploads.upload,
    download: uploads.download,

    room: (roomId) => rooms.open(roomId),
    chat: (roomId, chatOptions) => openChat(api, roomId, chatOptions),
    transcript: (roomId) =>
      openTranscript({ url: options.url, api, token: () => connection.token() }, roomId),

    call: {
      join: reporting(async (roomId: string, callOptions: CallOptions = {}) => {
        const call = await joinCall({ connection, rooms }, roomId, callOptions);
        calls.add(call);
        call.on("state", (state) => {
          if (state === "closed") calls.delete(call);
        });
        return call;
      }),
    },

    async close() {
      await leaveCalls();
      await connection.close();
    },
  };
}

/** What the function rejects with becomes a ParleyError. */
function reporting<Input extends unknown[], Output>(
  work: (...input: Input) => Promise<Output>,
): (...input: Input) => Promise<Output> {
  return async (...input) => {
    try {
      return await work(...input);
    } catch (error) {
      throw toParleyError(error);
    }
  };
}

import { type Account } from "../../shared/account.ts";
import { type LanguageTag } from "../../shared/language.ts";
import { type Call, type CallOptions } from "./call.ts";
import { type Chat, openChat } from "./chat.ts";
import { type Api, type Connection, ServerConnection } from "./connection.ts";
import { joinCall } from "./live-call.ts";
import { toParleyError } from "./parley-error.ts";
import { type Room, Rooms } from "./room.ts";

/** A person's or a program's way into Parley. Everything but calls works outside of browsers too. */
export interface Parley {
  /**
   * Every procedure of the server, typed. It rejects as tRPC does, with what `toParleyError` makes a
   * ParleyError of.
   */
  readonly api: Api;
  /** Who is signed in, as far as this object knows. */
  readonly account: Account | undefined;
  readonly connection: Connection;

  /** Makes a guest's account and signs in with it. The session is kept in memory, and by browsers. */
  signIn(input: { name: string; language: LanguageTag }): Promise<Account>;
  /** Finds out who the browser's cookie, or the token given, belongs to. Undefined when nobody. */
  restore(): Promise<Account | undefined>;
  setLanguage(language: LanguageTag): Promise<Account>;
  signOut(): Promise<void>;

  /** Follows a room of which one is a member. To be closed. */
  room(roomId: string): Room;
  /** Follows the messages of a room of which one is a member. To be closed. */
  chat(roomId: string): Chat;
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
  let account: Account | undefined;

  async function leaveCalls(): Promise<void> {
    await Promise.all(Array.from(calls, (call) => call.leave()));
  }

  return {
    api,
    connection,
    get account() {
      return account;
    },

    signIn: reporting(async (input: { name: string; language: LanguageTag }) => {
      const signedIn = await api.account.guest.mutate(input);
      await leaveCalls();
      await connection.setToken(signedIn.token);
      account = signedIn.account;
      return account;
    }),

    restore: reporting(async () => {
      try {
        account = await api.account.me.query();
      } catch (thrown) {
        if (toParleyError(thrown).reason !== "NOT_SIGNED_IN") throw thrown;
        account = undefined;
      }
      return account;
    }),

    setLanguage: reporting(async (language: LanguageTag) => {
      account = await api.account.setLanguage.mutate({ language });
      return account;
    }),

    signOut: reporting(async () => {
      await leaveCalls();
      try {
        await api.account.logout.mutate();
      } catch (thrown) {
        // A session that has ended already is as good as signed out.
        if (toParleyError(thrown).reason !== "NOT_SIGNED_IN") throw thrown;
      }
      account = undefined;
      await connection.setToken(undefined);
    }),

    room: (roomId) => rooms.open(roomId),
    chat: (roomId) => openChat(api, roomId),

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

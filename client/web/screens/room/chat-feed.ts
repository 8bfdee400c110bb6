import { type Chat, type Parley, type ParleyError, toParleyError } from "../../../sdk/index.ts";
import { Store } from "../../store.ts";
import { type ChatAction, type ChatList, emptyChatList, reduceChat } from "./chat-list.ts";

/** Messages of one page of the past. */
const PAGE = 30;

export type ChatState = {
  list: ChatList;
  /** Messages of others that came while the chat wasn't shown. */
  unread: number;
  isLoading: boolean;
  hasOlder: boolean;
  error?: ParleyError;
};

const initialState: ChatState = {
  list: emptyChatList,
  unread: 0,
  isLoading: true,
  hasOlder: false,
  error: undefined,
};

/** A room's chat, followed while the room is open, whether or not it is looked at. */
export class ChatFeed {
  readonly #parley: Parley;
  readonly #roomId: string;
  readonly #ownAccountId: string;
  readonly #store = new Store<ChatState>(initialState);
  #chat: Chat | undefined;
  #cursor: string | undefined;
  #isShown = false;

  constructor(parley: Parley, options: { roomId: string; ownAccountId: string }) {
    this.#parley = parley;
    this.#roomId = options.roomId;
    this.#ownAccountId = options.ownAccountId;
  }

  get state(): ChatState {
    return this.#store.state;
  }

  get subscribe() {
    return this.#store.subscribe;
  }

  /** What was closed can be opened again. */
  open(): void {
    this.close();
    this.#store.change(initialState);
    const chat = this.#parley.chat(this.#roomId);
    this.#chat = chat;
    chat.on("message", (message) => {
      this.#apply({ type: "stored", messages: [message] });
      if (message.author.accountId !== this.#ownAccountId && !this.#isShown) {
        this.#store.change({ unread: this.state.unread + 1 });
      }
    });
    chat.on("ended", (error) => this.#store.change({ error }));
    void this.#load(chat, undefined);
  }

  close(): void {
    this.#chat?.close();
    this.#chat = undefined;
  }

  /** Whoever sees the messages has read them. */
  setShown(isShown: boolean): void {
    this.#isShown = isShown;
    if (isShown && this.state.unread > 0) this.#store.change({ unread: 0 });
  }

  /** Gives a message again, by the `clientId` that it failed under, or a new one. */
  async send(text: string, clientId: string = crypto.randomUUID()): Promise<void> {
    this.dismissError();
    this.#apply({ type: "sending", clientId, text });
    try {
      const message = await this.#chat?.send(text, { clientId });
      if (message) this.#apply({ type: "stored", messages: [message] });
    } catch (thrown) {
      this.#apply({ type: "failed", clientId });
      this.#store.change({ error: toParleyError(thrown) });
    }
  }

  async loadOlder(): Promise<void> {
    if (this.#chat && this.#cursor !== undefined && !this.state.isLoading) {
      await this.#load(this.#chat, this.#cursor);
    }
  }

  dismissError(): void {
    this.#store.change({ error: undefined });
  }

  async #load(chat: Chat, cursor: string | undefined): Promise<void> {
    this.#store.change({ isLoading: true });
    try {
      const page = await chat.history(cursor, { limit: PAGE });
      if (this.#chat !== chat) return;
      this.#apply({ type: "stored", messages: page.items });
      this.#cursor = page.nextCursor;
      this.#store.change({ isLoading: false, hasOlder: page.nextCursor !== undefined });
    } catch (thrown) {
      if (this.#chat !== chat) return;
      this.#store.change({ isLoading: false, error: toParleyError(thrown) });
    }
  }

  #apply(action: ChatAction): void {
    this.#store.change({ list: reduceChat(this.state.list, action) });
  }
}

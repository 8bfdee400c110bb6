import type { FoundMessage } from "../../../../shared/chat.ts";
import type { LanguageTag } from "../../../../shared/language.ts";
import type { Page } from "../../../../shared/page.ts";
import {
  type Chat,
  type ChatState as Conversation,
  type OutgoingMessage,
  type Parley,
  type ParleyError,
  toParleyError,
} from "../../../sdk/index.ts";
import { Store } from "../../store.ts";

export type ChatState = {
  /** Absent until something of it is known. */
  conversation?: Conversation;
  /** Messages of others that came while nobody read here. */
  unread: number;
  /** The last message that had been read when the chat was opened: what follows is new. */
  newAfter?: string;
  /** Messages of a page are on their way. */
  isLoading: boolean;
  error?: ParleyError;
};

const initialState: ChatState = {
  conversation: undefined,
  unread: 0,
  newAfter: undefined,
  isLoading: true,
  error: undefined,
};

type ChatFeedOptions = { roomId: string; ownAccountId: string; read: LanguageTag | undefined };

/** A room's chat, followed while the room is open, whether or not it is looked at. */
export class ChatFeed {
  readonly roomId: string;
  readonly #parley: Parley;
  readonly #ownAccountId: string;
  readonly #store = new Store<ChatState>(initialState);
  #chat: Chat | undefined;
  #read: LanguageTag | undefined;
  #readTo: string | undefined;
  #isShown = false;
  #isReading = false;

  constructor(parley: Parley, options: ChatFeedOptions) {
    this.roomId = options.roomId;
    this.#parley = parley;
    this.#ownAccountId = options.ownAccountId;
    this.#read = options.read;
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
    const read = this.#read;
    const chat = this.#parley.chat(this.roomId, read === undefined ? {} : { read });
    this.#chat = chat;
    chat.on("state", (conversation) => {
      const isFirst = !this.state.conversation?.loaded && conversation.loaded;
      this.#store.change({ conversation, ...(isFirst && { isLoading: false }) });
      if (this.#isReading) this.#markRead();
    });
    chat.on("message", ({ id, version, author }) => {
      const isNew = version === id && author.accountId !== this.#ownAccountId;
      if (isNew && !this.#isReading) this.#store.change({ unread: this.state.unread + 1 });
    });
    chat.on("ended", (error) => this.#store.change({ error, isLoading: false }));
    void this.#countUnread(chat);
  }

  close(): void {
    this.#chat?.close();
    this.#chat = undefined;
  }

  /** Into which language messages are translated. */
  setRead(read: LanguageTag | undefined): void {
    this.#read = read;
    this.#chat?.setRead(read);
  }

  /** The chat is on the screen. What is new then is marked as such until it goes. */
  setShown(isShown: boolean): void {
    this.#isShown = isShown;
    this.#divide();
  }

  /** Somebody looks at the end of the conversation: whatever comes has been read. */
  setReading(isReading: boolean): void {
    this.#isReading = isReading;
    if (!isReading) return;
    // What is about to be read is marked as new first.
    if (this.state.unread > 0) this.#store.change({ newAfter: this.#readTo });
    this.#markRead();
  }

  /** Whether it was sent. What wasn't stays on the list, to be sent again. */
  async send(
    text: string,
    options: { attachments?: readonly string[]; replyTo?: string } = {},
  ): Promise<boolean> {
    this.#store.change({ newAfter: undefined });
    return await this.#attempt((chat) => chat.send(text, options));
  }

  async sendAgain({ text, clientId, attachments, replyTo }: OutgoingMessage): Promise<void> {
    const options = { clientId, attachments, ...(replyTo !== undefined && { replyTo }) };
    await this.#attempt((chat) => chat.send(text, options));
  }

  discard(clientId: string): void {
    this.#chat?.discard(clientId);
    this.dismissError();
  }

  async edit(messageId: string, text: string): Promise<boolean> {
    return await this.#attempt((chat) => chat.edit(messageId, text));
  }

  async remove(messageId: string): Promise<boolean> {
    return await this.#attempt((chat) => chat.remove(messageId));
  }

  async react(messageId: string, emoji: string, on: boolean): Promise<void> {
    await this.#attempt((chat) => chat.react(messageId, emoji, on));
  }

  setTyping(typing: boolean): void {
    this.#chat?.setTyping(typing);
  }

  async loadOlder(): Promise<void> {
    if (this.state.conversation?.hasOlder) await this.#load((chat) => chat.loadOlder());
  }

  async loadNewer(): Promise<void> {
    if (this.state.conversation?.hasNewer) await this.#load((chat) => chat.loadNewer());
  }

  async showNewest(): Promise<void> {
    if (this.state.conversation?.hasNewer) await this.#load((chat) => chat.showNewest());
  }

  /** Whether the message is on the list now. */
  async showMessage(messageId: string): Promise<boolean> {
    const isThere = () =>
      this.state.conversation?.messages.some(({ id }) => id === messageId) ?? false;
    if (!isThere()) await this.#load((chat) => chat.showAround(messageId));
    return isThere();
  }

  async search(text: string, cursor?: string): Promise<Page<FoundMessage>> {
    return (
      (await this.#chat?.search(text, cursor === undefined ? {} : { cursor })) ?? { items: [] }
    );
  }

  dismissError(): void {
    this.#store.change({ error: undefined });
  }

  async #countUnread(chat: Chat): Promise<void> {
    try {
      const roomIds = [this.roomId];
      const [count] = await this.#parley.api.chat.unread.query({ roomIds });
      if (this.#chat !== chat || !count) return;
      this.#readTo = count.readTo;
      if (this.#isReading) this.#divide(count.unread);
      else this.#store.change({ unread: Math.max(count.unread, this.state.unread) });
      if (this.#isShown) this.#divide();
    } catch (thrown) {
      if (this.#chat === chat) this.#store.change({ error: toParleyError(thrown) });
    }
  }

  #divide(unread = this.state.unread): void {
    if (!this.#isShown) this.#store.change({ newAfter: undefined });
    else if (unread > 0) this.#store.change({ newAfter: this.#readTo });
  }

  #markRead(): void {
    const newest = this.state.conversation?.messages.at(-1);
    if (this.state.unread > 0) this.#store.change({ unread: 0 });
    if (!newest) return;
    if (this.#readTo === undefined || this.#readTo < newest.id) this.#readTo = newest.id;
    // Said again with the next message: nothing is lost when it fails.
    void this.#chat?.markRead(newest.id).catch(() => undefined);
  }

  async #load(work: (chat: Chat) => Promise<void>): Promise<void> {
    if (this.state.isLoading) return;
    this.#store.change({ isLoading: true });
    await this.#attempt(work);
    this.#store.change({ isLoading: false });
  }

  /** Whether it succeeded. Why not is in the state. */
  async #attempt(work: (chat: Chat) => Promise<unknown>): Promise<boolean> {
    const chat = this.#chat;
    if (!chat) return false;
    if (this.state.error) this.dismissError();
    try {
      await work(chat);
      return true;
    } catch (thrown) {
      if (this.#chat === chat) this.#store.change({ error: toParleyError(thrown) });
      return false;
    }
  }
}

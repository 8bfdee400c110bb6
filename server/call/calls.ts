import { randomUUID } from "node:crypto";
import type { CaptionEvent, CaptionFeedEvent, IceServer } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { RoomEvent } from "../../shared/room.ts";
import type { Bus, Resumption } from "../bus/bus.ts";
import type { EngineRegistry } from "../interpreter/engines.ts";
import { type Glossary, withGlossary } from "../interpreter/glossary.ts";
import type { VoiceActivityDetector } from "../interpreter/voice-activity.ts";
import { AppError } from "../kit/errors.ts";
import { Feed } from "../kit/feed.ts";
import type { Log } from "../kit/log.ts";
import type { Membership } from "../kit/membership.ts";
import type { Caller } from "../kit/procedures.ts";
import type { MediaRoom } from "../media/media-room.ts";
import type { Media } from "../media/media.ts";
import { captionTopic, type RecordCaption } from "./captions.ts";
import { Peer } from "./peer.ts";
import { RoomCall } from "./room-call.ts";
import type { Microphone } from "./speaker.ts";

/** A peer whose client is gone lives this long, so that a cut connection finds it again. */
const PEER_GRACE_MS = 20_000;

/** Clients of one account, in whatever rooms: some tabs and a phone. */
const PEERS_PER_ACCOUNT = 8;

/** Languages that one account reads a room's captions in: each is translated for them alone, perhaps. */
const READ_PER_ACCOUNT = 8;

/** What calls ask of rooms and accounts. */
export type CallPorts = {
  membership: Membership;
  /** Where a member may go on, who may have been none meanwhile. */
  resumption: (
    roomId: string,
    accountId: string,
    lastEventId: string | null | undefined,
  ) => Promise<Resumption>;
  /** Throws alike, ROLE_TOO_LOW also by the room's setting, and MUTED_BY_MODERATOR. */
  requireSpeaker: (roomId: string, accountId: string) => Promise<void>;
  account: (accountId: string) => Promise<{ name: string; language: LanguageTag }>;
  publish: (roomId: string, event: RoomEvent) => void;
  record: RecordCaption;
  settings: (roomId: string) => Promise<{ glossary: Glossary }>;
};

export type CallsOptions = CallPorts & {
  media: Media;
  engines: EngineRegistry;
  voiceActivity: VoiceActivityDetector;
  iceServers: IceServer[];
  bus: Bus;
  log: Log;
  peerGraceMs?: number;
};

/** One subscription to a room's captions. */
type CaptionReader = { accountId: string; language: LanguageTag | null };

type Languages = { speak?: LanguageTag; hear?: LanguageTag | null };

/** All calls of this process. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #open = new Map<string, RoomCall>();
  readonly #readers = new Map<string, Set<CaptionReader>>();
  readonly #peers = new Map<string, { peer: Peer; room: RoomCall }>();
  #closing = false;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Processes that carry the calls. */
  get workerPids(): number[] {
    return this.#options.media.workerPids;
  }

  async join({ accountId, sessionId }: Caller, input: Languages & { roomId: string }) {
    const ended = new AbortController();
    const { membership: attend } = this.#options;
    const membership = await attend(input.roomId, accountId, "call.join", ended.signal);
    try {
      const account = await this.#options.account(accountId);
      const media = await this.#openMedia(input.roomId);
      // From here to the peer's entry nothing is awaited: a room that somebody is in stays open.
      const room = this.#openRoom(input.roomId, media);
      const crowdedOut = this.#crowdedOut(room, accountId);
      const peer = new Peer({
        id: randomUUID(),
        accountId,
        sessionId,
        name: account.name,
        speak: input.speak ?? account.language,
        hear: input.hear === undefined ? account.language : input.hear,
        graceMs: this.#options.peerGraceMs ?? PEER_GRACE_MS,
        onClose: (closed) => {
          this.#peers.delete(closed.id);
          ended.abort();
          void room.removePeer(closed);
        },
      });
      this.#peers.set(peer.id, { peer, room });
      room.addPeer(peer);
      crowdedOut?.close("replaced");
      const removed = () => peer.close("removed");
      if (membership.aborted) removed();
      else membership.addEventListener("abort", removed, { once: true });
      const { iceServers } = this.#options;
      return { peerId: peer.id, rtpCapabilities: room.media.rtpCapabilities, iceServers };
    } catch (error) {
      ended.abort();
      throw error;
    }
  }

  /** Somebody else's peer is one that doesn't exist. */
  find(accountId: string, peerId: string): { peer: Peer; room: RoomCall } {
    const found = this.#peers.get(peerId);
    if (found?.peer.accountId !== accountId) {
      throw new AppError("PEER_NOT_FOUND", "This call has ended or never was.");
    }
    return found;
  }

  /** Opens the microphone of who may speak. */
  async openMicrophone(
    peer: Peer,
    room: RoomCall,
    produce: () => Promise<Microphone>,
  ): Promise<string> {
    await this.#options.requireSpeaker(room.roomId, peer.accountId);
    const producerId = await room.openMicrophone(peer, produce);
    // The right to it may have gone while it opened.
    await this.#checkSpeaker(peer, room);
    return producerId;
  }

  /** Everyone may fall silent; who may not speak can't undo it. */
  async setMuted(peer: Peer, room: RoomCall, muted: boolean): Promise<void> {
    if (!muted) await this.#options.requireSpeaker(room.roomId, peer.accountId);
    await room.setMuted(peer, muted);
    if (!muted) await this.#checkSpeaker(peer, room);
  }

  /** Mutes those who may not speak any more: of all rooms, one, or of one account in it. */
  checkSpeakers(change: { roomId?: string; accountId?: string } = {}): void {
    const { roomId, accountId } = change;
    for (const { peer, room } of this.#peers.values()) {
      if (roomId !== undefined && room.roomId !== roomId) continue;
      if (accountId !== undefined && peer.accountId !== accountId) continue;
      void this.#checkSpeaker(peer, room);
    }
  }

  /** What an account says from now on is shown under another name. */
  rename(accountId: string, name: string): void {
    for (const { peer } of this.#peers.values()) {
      if (peer.accountId === accountId) peer.name = name;
    }
  }

  /** Who has signed out, or was, takes part in no call any more. */
  endSession(sessionId: string): void {
    for (const { peer } of this.#peers.values()) {
      if (peer.sessionId === sessionId) peer.close("removed");
    }
  }

  /** Captions of a room as somebody who reads `read` sees them, until the membership ends. */
  captions(
    accountId: string,
    input: { roomId: string; read?: LanguageTag | null; lastEventId?: string | null },
    signal: AbortSignal,
  ): Feed<{ id: string; event: CaptionFeedEvent }> {
    const { roomId, lastEventId } = input;
    const { membership: attend, resumption, account, bus } = this.#options;
    return new Feed(signal, async (reader, signal) => {
      const membership = await attend(roomId, accountId, "call.onCaption", signal);
      const read = input.read === undefined ? (await account(accountId)).language : input.read;
      const from = await resumption(roomId, accountId, lastEventId);
      const stopReading = this.#read(roomId, { accountId, language: read });
      try {
        const options = { ...from, signal: membership };
        const { events, resumed, position } = await bus.subscribe(captionTopic, roomId, options);
        // Now, and no sooner, they see what they are told.
        this.#open.get(roomId)?.readerCame();
        if (!resumed) reader.send({ id: position, event: { type: "ready" } });
        const hears = (to: LanguageTag) => this.#open.get(roomId)?.hears(accountId, to) ?? false;
        await events.each((delivered) => {
          if (concerns(delivered.event, read, hears)) reader.send(delivered);
        });
      } finally {
        stopReading();
      }
    });
  }

  async #checkSpeaker(peer: Peer, room: RoomCall): Promise<void> {
    if (!room.hasMicrophone(peer)) return;
    const { requireSpeaker, log } = this.#options;
    try {
      await requireSpeaker(room.roomId, peer.accountId);
    } catch {
      // Whatever keeps it from being known: who may perhaps not speak isn't heard.
      await room.setMuted(peer, true).catch((error: unknown) => {
        log.error({ err: error }, "somebody who may not speak could not be muted");
        peer.close("removed");
      });
    }
  }

  /** Refuses new peers and closes those there are. */
  close(): void {
    this.#closing = true;
    for (const room of this.#open.values()) room.close("server-closing");
  }

  #read(roomId: string, reader: CaptionReader): () => void {
    const readers = this.#readers.get(roomId) ?? new Set();
    const own = [...readers, reader].filter(({ accountId }) => accountId === reader.accountId);
    const languages = new Set(own.flatMap(({ language }) => language ?? []));
    if (languages.size > READ_PER_ACCOUNT) {
      throw new AppError("TOO_MANY_REQUESTS", "You read this room in too many languages at once.");
    }
    this.#readers.set(roomId, readers.add(reader));
    return () => {
      readers.delete(reader);
      if (readers.size === 0) this.#readers.delete(roomId);
      this.#open.get(roomId)?.readerLeft();
    };
  }

  #readLanguages(roomId: string): LanguageTag[] {
    const readers = this.#readers.get(roomId) ?? [];
    return Array.from(readers, ({ language }) => language).filter((language) => language !== null);
  }

  async #openMedia(roomId: string): Promise<MediaRoom> {
    for (;;) {
      if (this.#closing) throw new AppError("SERVER_CLOSING", "The server is restarting.");
      const media = await this.#options.media.openRoom(roomId);
      // It may have closed with the last who left, or died, before it came here.
      if (!media.closed && !this.#closing) return media;
    }
  }

  #openRoom(roomId: string, media: MediaRoom): RoomCall {
    const open = this.#open.get(roomId);
    if (open && open.media === media) return open;
    const { engines, voiceActivity, bus, record, log, publish, settings } = this.#options;
    const room: RoomCall = new RoomCall({
      roomId,
      media,
      engines: withGlossary(engines, async () => (await settings(roomId)).glossary),
      voiceActivity,
      bus,
      record,
      log,
      publish: (event) => publish(roomId, event),
      readLanguages: () => this.#readLanguages(roomId),
      onEmpty: () => {
        media.close();
        if (this.#open.get(roomId) === room) this.#open.delete(roomId);
      },
    });
    media.onLost(() => room.close("media-restarted"));
    this.#open.set(roomId, room);
    return room;
  }

  /** The peer that has to go when this account opens one more: one that no client follows. */
  #crowdedOut(room: RoomCall, accountId: string): Peer | undefined {
    const all = Array.from(this.#peers.values(), ({ peer }) => peer);
    const peers = all.filter((peer) => peer.accountId === accountId);
    if (peers.length < PEERS_PER_ACCOUNT) return undefined;
    const idle = peers.find((peer) => !peer.attached);
    if (!idle) {
      room.closeIfEmpty();
      throw new AppError("TRANSPORT_LIMIT", "You are in calls on too many devices at once.");
    }
    return idle;
  }
}

/** Whether a reader of `read` is sent `event`. What they hear is asked for only where it matters. */
function concerns(
  event: CaptionEvent,
  read: LanguageTag | null,
  hears: (language: LanguageTag) => boolean,
): boolean {
  switch (event.type) {
    case "partial":
    case "final":
    case "correction":
    case "removal":
      return true;
    case "translation":
      return event.language === read;
    case "voice":
      return hears(event.language);
    case "notice":
      return event.language === undefined || event.language === read || hears(event.language);
  }
}

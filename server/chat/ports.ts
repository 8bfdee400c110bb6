import type { Attachment } from "../../shared/upload.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { RoomProcedure } from "../../shared/permission.ts";
import type { RoomRole } from "../../shared/room.ts";
import type { Resumption } from "../bus/bus.ts";
import type { Database } from "../database/database.ts";
import type { Membership } from "../kit/membership.ts";

/** What chat asks of rooms. */
export type RoomPorts = {
  /** Throws ROOM_NOT_FOUND, NOT_A_MEMBER or ROLE_TOO_LOW. */
  requireMember: (roomId: string, accountId: string, procedure: RoomProcedure) => Promise<RoomRole>;
  /** Checks alike, as a transaction sees it. */
  requireMemberIn: (
    transaction: Database,
    roomId: string,
    accountId: string,
    procedure: RoomProcedure,
  ) => Promise<RoomRole>;
  membership: Membership;
  /** Where a member may go on, who may have been none meanwhile. */
  resumption: (
    roomId: string,
    accountId: string,
    lastEventId: string | null | undefined,
  ) => Promise<Resumption>;
  /** Since when a room is there for a member whose history isn't kept; undefined where it is. */
  historyFrom: (roomId: string, accountId: string) => Promise<string | undefined>;
  noteActivity: (roomId: string) => Promise<void>;
  /** `languages` are those that people speak in the room, as far as it was set. */
  settings: (
    roomId: string,
  ) => Promise<{ keepHistory: boolean; languages: readonly LanguageTag[] }>;
  /** Rooms whose history isn't kept. */
  listRoomsWithoutHistory: () => Promise<readonly string[]>;
};

export type AccountPort = (accountId: string) => Promise<{ name: string; language: LanguageTag }>;

/** What chat asks of uploads. Each is given the transaction, or the database, that it works in. */
export type UploadPorts = {
  /**
   * Gives uploads of one's own into this room to a message, in their order. Throws UPLOAD_NOT_FOUND
   * for one that isn't there, or that another message has.
   */
  take: (
    transaction: Database,
    request: {
      accountId: string;
      roomId: string;
      uploadIds: readonly string[];
      messageId: string;
    },
  ) => Promise<Attachment[]>;
  /** By message; those without any may be left out. */
  attachmentsOf: (
    db: Database,
    messageIds: readonly string[],
  ) => Promise<ReadonlyMap<string, Attachment[]>>;
  /** Makes what the messages had unreachable at once, and has the files removed. */
  release: (transaction: Database, messageIds: readonly string[]) => Promise<void>;
};

/** Which of some languages a text is written in; undefined when that can't be told. */
export type IdentifyLanguage = (
  text: string,
  among: readonly LanguageTag[],
) => Promise<LanguageTag | undefined>;

export type MessageTranslator = {
  translate: (request: {
    text: string;
    from: LanguageTag;
    to: LanguageTag;
    context: readonly string[];
    signal: AbortSignal;
  }) => Promise<string>;
};

/**
 * What translates in a room, which may have a glossary of its own. Undefined when nothing here
 * translates the pair.
 */
export type TranslatorFor = (
  roomId: string,
  from: LanguageTag,
  to: LanguageTag,
) => MessageTranslator | undefined;

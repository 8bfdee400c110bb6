import type { ColumnType } from "kysely";
import type { RoomRole, Visibility } from "../../shared/room.ts";
import type { UploadKind } from "../../shared/upload.ts";

/** A point in time: ISO 8601 in UTC with milliseconds, which sorts as text on every dialect. */
export type Time = string;

/** 0 or 1: SQLite has no truth values. */
export type Flag = number;

/** Set once, when the row is made. */
type Fixed<Type> = ColumnType<Type, Type, never>;

/** Has a value when none is given. */
type Default<Type> = ColumnType<Type, Type | undefined, Type>;

export type Tables = {
  accounts: {
    id: Fixed<string>;
    name: string;
    language: string;
    guest: Flag;
    created_at: Fixed<Time>;
    /** Not always its owner's: see `findHolder`. */
    email: string | null;
    email_verified_at: Time | null;
    password_hash: string | null;
    avatar_url: string | null;
    /** JSON of what was chosen. */
    preferences: string | null;
    /** Its removal has begun, and must come to its end. */
    removing_at: Time | null;
  };
  /** What providers call those who sign in by way of them. */
  account_identities: {
    provider: Fixed<string>;
    subject: Fixed<string>;
    account_id: Fixed<string>;
    created_at: Fixed<Time>;
  };
  /** Links that were mailed and not used yet. */
  account_links: {
    /** SHA-256 of the secret in the link, in base64url. */
    id: Fixed<string>;
    account_id: Fixed<string>;
    purpose: Fixed<"verify" | "reset">;
    email: Fixed<string>;
    expires_at: Fixed<Time>;
  };
  sessions: {
    /** SHA-256 of the token, in base64url: the table opens no door. */
    id: Fixed<string>;
    account_id: Fixed<string>;
    expires_at: Time;
    created_at: Fixed<Time>;
    /** What the client called itself. */
    device: string | null;
    /** To within a minute. */
    last_seen_at: Time | null;
  };
  rooms: {
    id: Fixed<string>;
    name: string;
    created_at: Fixed<Time>;
    /** When somebody joined or wrote, to within some seconds. */
    active_at: Time;
    description: Default<string>;
    visibility: Default<Visibility>;
    password_hash: string | null;
    /** Who was sent out before then may come in by it. */
    password_set_at: Time | null;
    /** Members it may have. */
    capacity: number | null;
    locked: Default<Flag>;
    lobby: Default<Flag>;
    keep_history: Default<Flag>;
    keep_captions: Default<Flag>;
    /** The least role that may open a microphone. */
    speak: Default<RoomRole>;
    /** JSON of a list. */
    languages: Default<string>;
    /** JSON of terms by pairs of languages. */
    glossary: Default<string>;
    latitude: number | null;
    longitude: number | null;
    /** Number of the H3 cell that it lies in, while the room is public and has a place. */
    public_cell: number | null;
    /** Its row in `room_search` on SQLite. */
    search_row: number | null;
  };
  /** Base languages that are spoken in a room: what it is found by. */
  room_languages: { room_id: Fixed<string>; language: Fixed<string> };
  /** What somebody may not, also after they have left. */
  room_restrictions: {
    room_id: Fixed<string>;
    account_id: Fixed<string>;
    /** `kick`: was sent out, and may not use what was valid then to come back. */
    kind: Fixed<"ban" | "kick" | "mute" | "listen">;
    since: Time;
  };
  room_invites: {
    id: Fixed<string>;
    room_id: Fixed<string>;
    /** SHA-256 of the code, in base64url. */
    code_hash: Fixed<string>;
    role: Fixed<"moderator" | "member" | "listener">;
    created_by: Fixed<string>;
    created_at: Fixed<Time>;
    expires_at: Fixed<Time>;
    uses_left: number | null;
  };
  /** Who waits to be admitted. */
  room_waiting: {
    room_id: Fixed<string>;
    account_id: Fixed<string>;
    /** What they become. */
    role: Fixed<RoomRole>;
    since: Fixed<Time>;
  };
  room_members: {
    room_id: Fixed<string>;
    account_id: Fixed<string>;
    role: RoomRole;
    joined_at: Fixed<Time>;
  };
  /** The last number of a room's count: each message and each change of one takes the next. */
  message_counters: { room_id: Fixed<string>; last_sequence: number };
  messages: {
    id: Fixed<string>;
    room_id: Fixed<string>;
    /** Counts a room's messages in the order in which they were stored. It leaves numbers out. */
    sequence: Fixed<number>;
    /** `null` when the author's account is gone. */
    author_id: string | null;
    client_id: string;
    text: string;
    language: string;
    sent_at: Fixed<Time>;
    /** The number that the last change took; `sequence` while there was none. */
    changed_sequence: number;
    /** How often the text was edited. */
    edition: number;
    edited_at: Time | null;
    /** A tombstone since: nothing else of it is left. */
    removed_at: Time | null;
    /** Id of a message of the room, which may be gone. */
    reply_to: Fixed<string | null>;
    /** How many different emoji it has. */
    reaction_kinds: number;
    attachment_count: number;
    /** Its row in `message_search` on SQLite. Rises within a room. */
    search_row: number | null;
  };
  message_reactions: {
    room_id: Fixed<string>;
    sequence: Fixed<number>;
    emoji: Fixed<string>;
    account_id: Fixed<string>;
    /** Number of the change that it was: says who came first. */
    place: Fixed<number>;
  };
  message_translations: {
    room_id: Fixed<string>;
    sequence: Fixed<number>;
    language: Fixed<string>;
    /** Of the text that was translated. */
    edition: number;
    text: string;
  };
  /** The last place that a caption of the room took. */
  caption_counters: { room_id: Fixed<string>; last_sequence: number };
  /** What somebody is saying, or was when the server died. */
  caption_drafts: {
    id: Fixed<string>;
    room_id: Fixed<string>;
    account_id: Fixed<string>;
    language: Fixed<string>;
    text: string;
    started_at: Fixed<Time>;
    ended_at: Time;
  };
  captions: {
    id: Fixed<string>;
    room_id: Fixed<string>;
    /** Counts a room's captions in the order in which they were stored. It leaves numbers out. */
    sequence: Fixed<number>;
    /** Who said it. */
    account_id: Fixed<string>;
    language: Fixed<string>;
    text: string;
    started_at: Fixed<Time>;
    ended_at: Time;
    cut: Flag;
    /** How often it was corrected. */
    edition: number;
    /** What was recognised, once it was corrected. */
    original_text: string | null;
    /** Who did it last; `null` also when that account is gone. */
    corrected_by: string | null;
    corrected_at: Time | null;
    /** Its row in `caption_search` on SQLite. Rises within a room. */
    search_row: number | null;
  };
  caption_translations: {
    room_id: Fixed<string>;
    sequence: Fixed<number>;
    language: Fixed<string>;
    /** Of the text that was translated. */
    edition: number;
    text: string;
  };
  /** How far somebody has read in a room. */
  read_marks: {
    room_id: Fixed<string>;
    account_id: Fixed<string>;
    message_id: string;
    sequence: number;
    read_at: Time;
  };
  /** Files, and the bytes that are set aside for those on their way. */
  uploads: {
    id: Fixed<string>;
    /** `null` when the account is gone; then the file has to go. */
    account_id: string | null;
    /** `null` for kinds that belong to no room, and when the room is gone. */
    room_id: string | null;
    message_id: string | null;
    /** Among the attachments of its message. */
    position: number;
    kind: Fixed<UploadKind>;
    /** Nobody gets a file that is still received, or one that has only to be removed. */
    state: "receiving" | "ready" | "removed";
    storage_key: Fixed<string>;
    name: string;
    content_type: string;
    bytes: number;
    width: number | null;
    height: number | null;
    duration_ms: number | null;
    created_at: Fixed<Time>;
    /** When it is swept. `null` while something uses it. */
    expires_at: Time | null;
  };
};

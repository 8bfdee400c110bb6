import { type ColumnType } from "kysely";
import { type RoomRole } from "../../shared/room.ts";
import { type UploadKind } from "../../shared/upload.ts";

/** A point in time: ISO 8601 in UTC with milliseconds, which sorts as text on every dialect. */
export type Time = string;

/** 0 or 1: SQLite has no truth values. */
export type Flag = number;

/** Set once, when the row is made. */
type Fixed<Type> = ColumnType<Type, Type, never>;

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
  };
  room_members: {
    room_id: Fixed<string>;
    account_id: Fixed<string>;
    role: RoomRole;
    joined_at: Fixed<Time>;
  };
  /** The sequence of a room's newest message. */
  message_counters: { room_id: Fixed<string>; last_sequence: number };
  messages: {
    id: Fixed<string>;
    room_id: Fixed<string>;
    /** Counts a room's messages in the order in which they were stored. It may leave numbers out. */
    sequence: Fixed<number>;
    author_id: Fixed<string>;
    client_id: Fixed<string>;
    text: string;
    language: string;
    sent_at: Fixed<Time>;
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

/**
 * Every error that a client can meet, by its stable reason, with the tRPC code that it travels
 * under. A screen turns the reason into a sentence; a program branches on it.
 */
export const reasons = {
  // Anywhere
  INPUT_INVALID: "BAD_REQUEST",
  PAYLOAD_TOO_LARGE: "PAYLOAD_TOO_LARGE",
  PROCEDURE_NOT_FOUND: "NOT_FOUND",
  METHOD_NOT_SUPPORTED: "METHOD_NOT_SUPPORTED",
  NOT_SIGNED_IN: "UNAUTHORIZED",
  FORBIDDEN: "FORBIDDEN",
  /** A guest tried what only an account may do. */
  ACCOUNT_NEEDED: "FORBIDDEN",
  TOO_MANY_REQUESTS: "TOO_MANY_REQUESTS",
  CURSOR_INVALID: "BAD_REQUEST",
  LANGUAGE_UNKNOWN: "BAD_REQUEST",
  NAME_EMPTY: "BAD_REQUEST",
  // Accounts
  EMAIL_INVALID: "BAD_REQUEST",
  /** Too short or too long, too common, or what anybody would try first. */
  PASSWORD_WEAK: "BAD_REQUEST",
  /** No such address, or not its password: which of both is not said. */
  CREDENTIALS_WRONG: "UNAUTHORIZED",
  /** Who is signed in already said their password wrong. */
  PASSWORD_WRONG: "FORBIDDEN",
  /** The guest has become an account already. */
  ALREADY_REGISTERED: "CONFLICT",
  /** A link in a mail that was used, has expired, or never was. */
  LINK_INVALID: "BAD_REQUEST",
  SESSION_NOT_FOUND: "NOT_FOUND",
  /** This server can't send mail. */
  MAIL_UNAVAILABLE: "SERVICE_UNAVAILABLE",
  /** Nobody can sign in by way of this provider here. */
  PROVIDER_UNAVAILABLE: "SERVICE_UNAVAILABLE",
  /** The provider did not say, or not credibly, who somebody is. */
  PROVIDER_REFUSED: "UNAUTHORIZED",
  CLIENT_CLOSED_REQUEST: "CLIENT_CLOSED_REQUEST",
  /** A subscription could not keep up and missed something; resuming it heals that. */
  FELL_BEHIND: "SERVICE_UNAVAILABLE",
  SERVER_CLOSING: "SERVICE_UNAVAILABLE",
  DATABASE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
  INTERNAL: "INTERNAL_SERVER_ERROR",
  // Rooms and chat. Who may not see a room is told that there is none.
  ROOM_NOT_FOUND: "NOT_FOUND",
  NOT_A_MEMBER: "FORBIDDEN",
  /** A member whose role in the room does not allow it. */
  ROLE_TOO_LOW: "FORBIDDEN",
  ROOM_FULL: "CONFLICT",
  /** Nobody new may come in at the moment. */
  ROOM_LOCKED: "CONFLICT",
  /** Of a room that everyone may see; of another one it is ROOM_NOT_FOUND. */
  ROOM_PASSWORD_WRONG: "FORBIDDEN",
  /** A moderator sent them out: they may come back later, or when they are invited anew. */
  REMOVED_FROM_ROOM: "FORBIDDEN",
  /** Used up, expired, revoked, or never was. */
  INVITE_INVALID: "NOT_FOUND",
  TOO_MANY_INVITES: "CONFLICT",
  /** Nobody of that id is in the room. */
  MEMBER_NOT_FOUND: "NOT_FOUND",
  /** Nobody of that id waits to be admitted. */
  NOT_WAITING: "NOT_FOUND",
  /** A moderator took the microphone away. */
  MUTED_BY_MODERATOR: "FORBIDDEN",
  MESSAGE_EMPTY: "BAD_REQUEST",
  MESSAGE_TOO_LONG: "PAYLOAD_TOO_LARGE",
  /** There is none, it was removed, or it is in a room that the caller may not see. */
  MESSAGE_NOT_FOUND: "NOT_FOUND",
  NOT_YOUR_MESSAGE: "FORBIDDEN",
  EMOJI_INVALID: "BAD_REQUEST",
  TOO_MANY_REACTIONS: "CONFLICT",
  TRANSLATION_FAILED: "SERVICE_UNAVAILABLE",
  // Uploads. Who may not see a file is told that there is none.
  UPLOAD_NOT_FOUND: "NOT_FOUND",
  /** No file came, or one without content. */
  UPLOAD_EMPTY: "BAD_REQUEST",
  /** More bytes than this kind may have. */
  UPLOAD_TOO_LARGE: "PAYLOAD_TOO_LARGE",
  /** The content, whatever its name, is of no type that this kind takes. */
  UPLOAD_TYPE_REFUSED: "UNSUPPORTED_MEDIA_TYPE",
  /** It belongs to a message, or is somebody's picture or voice: that is what has to go. */
  UPLOAD_IN_USE: "CONFLICT",
  /** The account's files take all the bytes that they may. */
  QUOTA_EXCEEDED: "PAYLOAD_TOO_LARGE",
  IMAGE_INVALID: "UNPROCESSABLE_CONTENT",
  /** More pixels than are decoded here. */
  IMAGE_TOO_LARGE: "PAYLOAD_TOO_LARGE",
  AUDIO_INVALID: "UNPROCESSABLE_CONTENT",
  AUDIO_TOO_LONG: "PAYLOAD_TOO_LARGE",
  /** Nothing of the file lies in the range that was asked for (status 416). */
  RANGE_INVALID: "BAD_REQUEST",
  /** No room on the disk, or the object storage can't be reached. */
  STORAGE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
  // Calls
  PEER_NOT_FOUND: "NOT_FOUND",
  TRANSPORT_NOT_FOUND: "NOT_FOUND",
  PRODUCER_NOT_FOUND: "NOT_FOUND",
  CONSUMER_NOT_FOUND: "NOT_FOUND",
  TRANSPORT_LIMIT: "CONFLICT",
  MICROPHONE_ALREADY_OPEN: "CONFLICT",
  CODEC_NOT_SUPPORTED: "BAD_REQUEST",
  RTP_PARAMETERS_INVALID: "BAD_REQUEST",
  MEDIA_UNAVAILABLE: "SERVICE_UNAVAILABLE",
  // Captions that are kept
  /** There is none, it was removed, or it is in a room that the caller may not see. */
  CAPTION_NOT_FOUND: "NOT_FOUND",
  NOT_YOUR_CAPTION: "FORBIDDEN",
  CAPTION_EMPTY: "BAD_REQUEST",
  CAPTION_TOO_LONG: "PAYLOAD_TOO_LARGE",
  /** Too long for an answer; it can be downloaded. */
  TRANSCRIPT_TOO_LONG: "PAYLOAD_TOO_LARGE",
  // Engines
  ENGINE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
  LANGUAGE_PAIR_UNAVAILABLE: "SERVICE_UNAVAILABLE",
} as const;

export type Reason = keyof typeof reasons;

export function isReason(value: unknown): value is Reason {
  return typeof value === "string" && Object.hasOwn(reasons, value);
}

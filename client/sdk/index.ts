export { createParley, type Parley } from "./create-parley.ts";
export type {
  Call,
  CallEvents,
  CallLanguages,
  CallOptions,
  CallState,
  Lag,
  Volumes,
} from "./call.ts";
export type { Chat, ChatEvents, ChatState, OutgoingMessage, SendOptions } from "./chat.ts";
export type { Api, Connection, ConnectionEvents, ConnectionState } from "./connection.ts";
export type { Observable } from "./emitter.ts";
export {
  listMicrophones,
  onMicrophonesChange,
  type MicrophoneDevice,
  type MicrophoneOptions,
  type MicrophoneSource,
} from "./microphone.ts";
export { ParleyError, toParleyError, type ParleyErrorReason } from "./parley-error.ts";
export type { Room, RoomEvents, RoomState } from "./room.ts";
export type { CaptionListOptions, Transcript } from "./transcript.ts";
export type { UploadOptions, Uploads } from "./upload.ts";

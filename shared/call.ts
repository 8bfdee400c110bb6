import { z } from "zod";
import { languageSchema, type LanguageTag } from "./language.ts";
import { idSchema } from "./page.ts";
import { roomInputSchema } from "./room.ts";

/**
 * A peer is one client in one room's call. It lives while its `call.onEvent` subscription does, and
 * some seconds longer, so that a cut connection comes back to the same peer.
 */
export const peerInputSchema = z.object({ peerId: idSchema });

/** `hear: null` means originals only. What is absent is the account's own language. */
const languagesSchema = z.object({
  speak: languageSchema.optional(),
  hear: languageSchema.nullish(),
});

export const callJoinInputSchema = roomInputSchema.extend(languagesSchema.shape);
export const callSetLanguagesInputSchema = peerInputSchema.extend(languagesSchema.shape);
export const callMuteInputSchema = peerInputSchema.extend({ muted: z.boolean() });

// What WebRTC negotiates. The shapes are mediasoup's; it checks their meaning itself.

const PARAMETERS = 32;

const codecParametersSchema = z
  .custom<Record<string, unknown>>(
    // Counted before any of them is looked at: that takes its time for a hundred thousand.
    (value) => typeof value === "object" && value !== null && isFew(value),
    { message: `an object of ${PARAMETERS} parameters at most`, abort: true },
  )
  .pipe(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])));

function isFew(value: object): boolean {
  let count = 0;
  for (const _name in value) if ((count += 1) > PARAMETERS) return false;
  return true;
}
const rtcpFeedbackSchema = z.object({ type: z.string(), parameter: z.string().optional() });

const payloadTypeSchema = z.int().min(0).max(127);

const rtpCodecSchema = z.object({
  mimeType: z.string(),
  payloadType: payloadTypeSchema,
  clockRate: z.int(),
  channels: z.int().optional(),
  parameters: codecParametersSchema.optional(),
  rtcpFeedback: z.array(rtcpFeedbackSchema).max(16).optional(),
});

export const rtpParametersSchema = z.object({
  mid: z.string().max(32).optional(),
  msid: z.string().max(256).optional(),
  codecs: z.array(rtpCodecSchema).min(1).max(4),
  headerExtensions: z
    .array(
      z.object({
        uri: z.string(),
        id: z.int(),
        encrypt: z.boolean().optional(),
        parameters: codecParametersSchema.optional(),
      }),
    )
    .max(16)
    .optional(),
  encodings: z
    .array(
      z.object({
        ssrc: z.int().optional(),
        rid: z.string().max(32).optional(),
        codecPayloadType: z.int().optional(),
        dtx: z.boolean().optional(),
        maxBitrate: z.int().optional(),
      }),
    )
    .max(1)
    .optional(),
  rtcp: z
    .object({ cname: z.string().max(64).optional(), reducedSize: z.boolean().optional() })
    .optional(),
});
export type RtpParametersInput = z.infer<typeof rtpParametersSchema>;

export const rtpCapabilitiesSchema = z.object({
  codecs: z
    .array(
      rtpCodecSchema.extend({
        kind: z.enum(["audio", "video"]),
        payloadType: payloadTypeSchema.optional(),
        preferredPayloadType: payloadTypeSchema.optional(),
      }),
    )
    .max(64)
    .optional(),
  headerExtensions: z
    .array(
      z.object({
        kind: z.enum(["audio", "video"]),
        uri: z.string(),
        preferredId: z.int(),
        preferredEncrypt: z.boolean().optional(),
        direction: z.enum(["sendrecv", "sendonly", "recvonly", "inactive"]).optional(),
      }),
    )
    .max(64)
    .optional(),
});

export const dtlsParametersSchema = z.object({
  role: z.enum(["auto", "client", "server"]).optional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(["sha-1", "sha-224", "sha-256", "sha-384", "sha-512"]),
        value: z.string().max(256),
      }),
    )
    .min(1)
    .max(8),
});

const transportInputSchema = peerInputSchema.extend({ transportId: idSchema });
export const callCreateTransportInputSchema = peerInputSchema.extend({
  direction: z.enum(["send", "receive"]),
});
export const callConnectTransportInputSchema = transportInputSchema.extend({
  dtlsParameters: dtlsParametersSchema,
});
export const callRestartIceInputSchema = transportInputSchema;
export const callProduceInputSchema = transportInputSchema.extend({
  rtpParameters: rtpParametersSchema,
});
export const callConsumeInputSchema = transportInputSchema.extend({
  producerId: idSchema,
  rtpCapabilities: rtpCapabilitiesSchema,
});
export const callConsumerInputSchema = peerInputSchema.extend({ consumerId: idSchema });

export type IceServer = { urls: string[]; username?: string; credential?: string };

/** A sound that a peer may consume: a speaker's microphone, or an interpreter's voice of a speaker. */
export type Voice = {
  producerId: string;
  /** The speaker, for an interpreter's voice too. */
  accountId: string;
  kind: "original" | "interpreter";
  language: LanguageTag;
  /** The speaker has muted themselves: nothing comes until they return. */
  muted: boolean;
};

/**
 * State, sent whole each time it changes and once at the start: a client that was away misses
 * nothing. `voices` is all that this peer should be playing. After `closed` the peer is gone.
 */
export type CallEvent =
  | { type: "voices"; voices: Voice[] }
  | { type: "muted"; muted: boolean }
  | {
      type: "closed";
      reason: "left" | "replaced" | "removed" | "media-restarted" | "server-closing";
    };

/** `read` absent: the account's language. `read: null`: originals only. */
export const callCaptionsInputSchema = roomInputSchema.extend({
  read: languageSchema.nullish(),
  lastEventId: z.string().max(64).nullish(),
});

export type CaptionSpeaker = { accountId: string; name: string };

/**
 * What a reader sees of one speaker. Of each utterance: partials, then one final; and, for a reader
 * of another language, translations of the clauses said so far, the last of them `final`. Whenever it has
 * been kept (see caption.ts): corrections, each with final translations after it, or its removal. Types
 * that a program doesn't know are to be left alone: there may be more one day.
 */
export type CaptionEvent =
  | {
      type: "partial";
      utteranceId: string;
      speaker: CaptionSpeaker;
      language: LanguageTag;
      startedAt: string;
      /** Will not change any more. */
      stable: string;
      /** May change with the next partial. Follows `stable` after a space where the script has them. */
      unstable: string;
    }
  | {
      type: "final";
      utteranceId: string;
      speaker: CaptionSpeaker;
      language: LanguageTag;
      startedAt: string;
      /** When the speaker stopped, not when that was noticed. */
      endedAt: string;
      /** Empty when nothing could be made out: the utterance's partials are then void. */
      text: string;
      /** The utterance ended because the speaker's connection or engine did. */
      cut: boolean;
    }
  | {
      type: "translation";
      utteranceId: string;
      speaker: CaptionSpeaker;
      language: LanguageTag;
      /** All clauses translated so far. */
      text: string;
      final: boolean;
      /** Which edition of the caption was translated; 0, what was said, when absent. */
      edition?: number;
    }
  | {
      /** Its text is another now. Translations of it follow, for those who read one. */
      type: "correction";
      utteranceId: string;
      speaker: CaptionSpeaker;
      language: LanguageTag;
      text: string;
      /** Counts the corrections of this caption. */
      edition: number;
      correctedBy: CaptionSpeaker;
      correctedAt: string;
    }
  | { type: "removal"; utteranceId: string; speaker: CaptionSpeaker }
  | {
      /** The interpreter's voice has begun to say a clause. */
      type: "voice";
      utteranceId: string;
      speaker: CaptionSpeaker;
      language: LanguageTag;
      /** Ear-voice span: from the end of the clause in the speaker's mouth to its start in this voice. */
      lagMs: number;
      /** 1 is natural; above, the voice hurries to catch up. */
      rate: number;
    }
  | { type: "notice"; speaker: CaptionSpeaker; language?: LanguageTag; notice: CaptionNotice };

/**
 * What the subscription carries. `ready` comes first, unless it resumes: coming back with its id misses
 * nothing, even if nobody had said a word before the connection was cut.
 */
export type CaptionFeedEvent = { type: "ready" } | CaptionEvent;

/** Why something that a reader or listener expects does not come. */
export type CaptionNotice =
  | "recogniser-unavailable"
  | "translator-unavailable"
  | "synthesiser-unavailable"
  | "recognition-failed"
  | "translation-failed"
  | "synthesis-failed"
  /** The voice fell too far behind and left clauses out; their text is there. */
  | "voice-skipped";

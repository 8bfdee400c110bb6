import type {
  DtlsParameters,
  IceParameters,
  RtpCapabilities,
  RtpParameters,
  WebRtcTransport,
} from "mediasoup/types";
import type {
  dtlsParametersSchema,
  RtpParametersInput,
  rtpCapabilitiesSchema,
} from "../../shared/call.ts";
import type { z } from "zod";
import { AppError } from "../kit/errors.ts";

/** A microphone that a client sends. */
export type ClientProducer = {
  readonly id: string;
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): void;
};

/** A voice that a client receives. It is paused until it is resumed, and closes with its producer. */
export type ClientConsumer = {
  readonly id: string;
  readonly producerId: string;
  readonly rtpParameters: RtpParameters;
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): void;
};

/**
 * One client's WebRTC transport, for sending or for receiving. Once it has closed, with its room if
 * not by itself, everything asked of it throws TRANSPORT_NOT_FOUND.
 */
export class ClientTransport {
  readonly #transport: WebRtcTransport;
  readonly #producers: { has(id: string): boolean };

  /** `producers`: those of the room, which are all that a client of it can consume. */
  constructor(transport: WebRtcTransport, producers: { has(id: string): boolean }) {
    this.#transport = transport;
    this.#producers = producers;
  }

  get id(): string {
    return this.#transport.id;
  }

  /** What the client creates its side with. */
  get parameters() {
    const { id, iceParameters, iceCandidates, dtlsParameters } = this.#transport;
    return { id, iceParameters, iceCandidates, dtlsParameters };
  }

  /** Throws RTP_PARAMETERS_INVALID, also the second time. */
  async connect(dtlsParameters: z.infer<typeof dtlsParametersSchema>): Promise<void> {
    await this.#transport
      .connect({ dtlsParameters: dtlsParameters satisfies DtlsParameters })
      .catch((error: unknown) => {
        throw this.#refused(error);
      });
  }

  async restartIce(): Promise<IceParameters> {
    return await this.#transport.restartIce().catch((error: unknown) => {
      throw this.#refused(error);
    });
  }

  /** Opus only: throws CODEC_NOT_SUPPORTED, and RTP_PARAMETERS_INVALID. */
  async produce(rtpParameters: RtpParametersInput): Promise<ClientProducer> {
    if (!rtpParameters.codecs.every(({ mimeType }) => mimeType.toLowerCase() === "audio/opus")) {
      throw new AppError("CODEC_NOT_SUPPORTED", "Only sound in the Opus format can be sent.");
    }
    try {
      return await this.#transport.produce({
        kind: "audio",
        // The shape is checked; mediasoup checks that it knows the names in it.
        rtpParameters: rtpParameters as RtpParameters,
      });
    } catch (error) {
      throw this.#refused(error);
    }
  }

  /** Throws PRODUCER_NOT_FOUND, and RTP_PARAMETERS_INVALID when the client can't receive Opus. */
  async consume(
    producerId: string,
    capabilities: z.infer<typeof rtpCapabilitiesSchema> | RtpCapabilities,
  ): Promise<ClientConsumer> {
    const rtpCapabilities = capabilities as RtpCapabilities;
    try {
      return await this.#transport.consume({ producerId, rtpCapabilities, paused: true });
    } catch (error) {
      if (!this.#producers.has(producerId)) {
        throw new AppError("PRODUCER_NOT_FOUND", "There is no such voice to listen to.");
      }
      throw this.#refused(error);
    }
  }

  close(): void {
    this.#transport.close();
  }

  /** Either the transport is gone, or what the client negotiated makes no sense to mediasoup. */
  #refused(cause: unknown): AppError {
    if (this.#transport.closed) {
      return new AppError("TRANSPORT_NOT_FOUND", "The connection to the call has ended.", {
        cause,
      });
    }
    const message = "What your browser offered for the call can't be understood.";
    return new AppError("RTP_PARAMETERS_INVALID", message, { cause });
  }
}

import { ParleyError } from "./parley-error.ts";

export type MicrophoneOptions = {
  /** One of `listMicrophones`. Absent: the one that the system prefers. */
  deviceId?: string;
  /** What browsers do to make speech clearer; on unless said otherwise. */
  echoCancellation?: boolean;
  noiseSuppression?: boolean;
  autoGainControl?: boolean;
};

/** `true` is `{}`. A track that is given stays its giver's: it is not stopped here. */
export type MicrophoneSource = true | MicrophoneOptions | MediaStreamTrack;

export type MicrophoneDevice = { deviceId: string; label: string };

/** A track to send, and whether it has to be stopped with the microphone. */
export type OpenMicrophone = { track: MediaStreamTrack; owned: boolean };

/** Rejects with MICROPHONE_DENIED, MICROPHONE_MISSING, MICROPHONE_BUSY or BROWSER_UNSUPPORTED. */
export async function captureMicrophone(source: MicrophoneSource): Promise<OpenMicrophone> {
  if (source !== true && "kind" in source) return { track: source, owned: false };
  const options: MicrophoneOptions = source === true ? {} : source;
  const { deviceId, echoCancellation, noiseSuppression, autoGainControl } = options;
  const devices = mediaDevices();
  try {
    const stream = await devices.getUserMedia({
      audio: {
        channelCount: 1,
        echoCancellation: echoCancellation ?? true,
        noiseSuppression: noiseSuppression ?? true,
        autoGainControl: autoGainControl ?? true,
        ...(deviceId !== undefined && { deviceId: { exact: deviceId } }),
      },
    });
    const [track] = stream.getAudioTracks();
    if (!track) throw new ParleyError("MICROPHONE_MISSING", "No microphone was found.");
    return { track, owned: true };
  } catch (error) {
    throw microphoneError(error);
  }
}

/** Browsers give the labels only once a microphone has been opened. */
export async function listMicrophones(): Promise<MicrophoneDevice[]> {
  try {
    const devices = await mediaDevices().enumerateDevices();
    return devices
      .filter(({ kind, deviceId }) => kind === "audioinput" && deviceId !== "")
      .map(({ deviceId, label }) => ({ deviceId, label }));
  } catch (error) {
    throw microphoneError(error);
  }
}

/** Calls `listener` when a microphone comes or goes. Gives what ends that. */
export function onMicrophonesChange(listener: () => void): () => void {
  const devices = globalThis.navigator?.mediaDevices as MediaDevices | undefined;
  devices?.addEventListener("devicechange", listener);
  return () => devices?.removeEventListener("devicechange", listener);
}

function mediaDevices(): MediaDevices {
  // Absent on pages that were not served over HTTPS, whatever the types say.
  const devices = globalThis.navigator?.mediaDevices as MediaDevices | undefined;
  if (devices) return devices;
  throw new ParleyError(
    "BROWSER_UNSUPPORTED",
    "This browser gives no microphone here. Pages must be served over HTTPS or from localhost.",
  );
}

/** Says in our own words what browsers say by the names of their errors. */
export function microphoneError(thrown: unknown): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  const options = { cause: thrown };
  const name = thrown instanceof Error ? thrown.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return new ParleyError("MICROPHONE_DENIED", "The microphone was not allowed.", options);
    case "NotFoundError":
    case "OverconstrainedError":
      return new ParleyError("MICROPHONE_MISSING", "No such microphone was found.", options);
    case "NotReadableError":
    case "AbortError":
      return new ParleyError("MICROPHONE_BUSY", "The microphone can't be read.", options);
    default:
      return new ParleyError("BROWSER_UNSUPPORTED", "No microphone can be opened.", options);
  }
}

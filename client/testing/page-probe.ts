/**
 * What a page under test lets the test see of its media. `installPageProbe` runs inside the page,
 * before any of the page's own scripts, and therefore uses nothing from outside itself.
 */
export type PageProbe = {
  connections: RTCPeerConnection[];
  /** What the page got from its microphones. */
  microphones: MediaStream[];
  /**
   * From now on the page's microphone is a sound, base64 of 16-bit samples. It comes as it is, with
   * nothing of it suppressed or left out however busy the machine, and is silent until `speak`.
   */
  plugInMicrophone(samples: string, rate: number): void;
  speak(): void;
  /** Starts to record what comes out of a track, as it is played. */
  record(name: string, track: MediaStreamTrack): Promise<void>;
  /** What was recorded so far: base64 of 16-bit samples, and the wall time of each block's end. */
  recorded(name: string): { samples: string; blockEnds: number[] };
  /** The local UDP ports that the page's media may go through. */
  mediaPorts(): Promise<number[]>;
  /** The header extension in which the page's microphone says how loud it is. */
  audioLevelExtension(): number | undefined;
  /** The SSRC under which a track that came over the network travels. */
  incomingSsrc(trackId: string): Promise<number | undefined>;
};

declare global {
  interface Window {
    parleyProbe: PageProbe;
  }
}

export const RECORDING_RATE = 48_000;
/** Samples that share one time stamp: 10.7 ms. */
export const RECORDING_BLOCK = 512;

export function installPageProbe(): void {
  const processor = `registerProcessor("parley-recorder", class extends AudioWorkletProcessor {
    block = new Int16Array(512);
    filled = 0;
    process([input]) {
      const samples = input?.[0];
      for (let n = 0; n < 128; n += 1) {
        const sample = Math.max(-1, Math.min(1, samples?.[n] ?? 0));
        this.block[this.filled + n] = sample * 32767;
      }
      this.filled += 128;
      if (this.filled === 512) {
        this.port.postMessage({ block: this.block.slice(), at: Date.now() });
        this.filled = 0;
      }
      return true;
    }
  });`;

  type Recording = { blocks: Int16Array[]; blockEnds: number[] };
  const recordings = new Map<string, Recording>();
  const connections: RTCPeerConnection[] = [];
  const microphones: MediaStream[] = [];
  let context: Promise<AudioContext> | undefined;
  let plugged: { stream: MediaStream; source: AudioBufferSourceNode } | undefined;

  async function openContext(): Promise<AudioContext> {
    const audio = new AudioContext({ sampleRate: 48_000 });
    await audio.resume();
    const script = URL.createObjectURL(new Blob([processor], { type: "text/javascript" }));
    await audio.audioWorklet.addModule(script);
    return audio;
  }

  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, given) {
      const connection: RTCPeerConnection = Reflect.construct(target, given);
      connections.push(connection);
      return connection;
    },
  });
  // Absent on pages that are not secure, such as about:blank.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices) {
    const getUserMedia = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
      const stream = plugged?.stream ?? (await getUserMedia(constraints));
      microphones.push(stream);
      return stream;
    };
  }

  type Report = Record<string, unknown>;
  /** Of each connection that is open: ids of reports are unique within one only. */
  const stats = async () =>
    await Promise.all(
      connections
        .filter((connection) => connection.connectionState !== "closed")
        .map(async (connection): Promise<Report[]> =>
          Array.from((await connection.getStats()).values()),
        ),
    );

  window.parleyProbe = {
    connections,
    microphones,
    plugInMicrophone(samples, rate) {
      const bytes = Uint8Array.from(atob(samples), (character) => character.charCodeAt(0));
      const levels = Float32Array.from(new Int16Array(bytes.buffer), (sample) => sample / 32_768);
      const audio = new AudioContext({ sampleRate: 48_000 });
      const buffer = new AudioBuffer({ length: levels.length, sampleRate: rate });
      buffer.copyToChannel(levels, 0);
      const source = new AudioBufferSourceNode(audio, { buffer });
      const output = new MediaStreamAudioDestinationNode(audio, { channelCount: 1 });
      source.connect(output);
      plugged = { stream: output.stream, source };
    },
    speak() {
      plugged?.source.start();
    },
    async record(name, track) {
      context ??= openContext();
      const audio = await context;
      const recorder = new AudioWorkletNode(audio, "parley-recorder");
      const recording: Recording = { blocks: [], blockEnds: [] };
      recordings.set(name, recording);
      recorder.port.addEventListener(
        "message",
        ({ data }: MessageEvent<{ block: Int16Array; at: number }>) => {
          recording.blocks.push(data.block);
          recording.blockEnds.push(data.at);
        },
      );
      recorder.port.start();
      // A worklet runs only while its output leads somewhere.
      const silent = new GainNode(audio, { gain: 0 });
      audio.createMediaStreamSource(new MediaStream([track])).connect(recorder);
      recorder.connect(silent).connect(audio.destination);
    },
    recorded(name) {
      const { blocks, blockEnds } = recordings.get(name) ?? { blocks: [], blockEnds: [] };
      let binary = "";
      for (const block of blocks) {
        binary += String.fromCharCode(...new Uint8Array(block.buffer));
      }
      return { samples: btoa(binary), blockEnds };
    },
    async mediaPorts() {
      // A port behind a relay is related to the one that the relay shows to the server.
      return (await stats())
        .flat()
        .flatMap((report) =>
          report["type"] === "local-candidate" ? [report["port"], report["relatedPort"]] : [],
        )
        .filter((port) => typeof port === "number");
    },
    audioLevelExtension() {
      for (const connection of connections) {
        for (const sender of connection.getSenders()) {
          const found = sender
            .getParameters()
            .headerExtensions.find(({ uri }) => uri.endsWith("ssrc-audio-level"));
          if (found && sender.track) return found.id;
        }
      }
      return undefined;
    },
    async incomingSsrc(trackId) {
      const report = (await stats())
        .flat()
        .find(({ type, trackIdentifier }) => type === "inbound-rtp" && trackIdentifier === trackId);
      return report === undefined ? undefined : Number(report["ssrc"]);
    },
  };
}

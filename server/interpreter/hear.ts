import { AsyncQueue } from "../kit/async-queue.ts";
import { HEARING_RATE, type PcmFrame } from "../kit/pcm.ts";
import { createEndpointer, type EndpointEvent, WINDOW } from "./endpointing.ts";
import { EngineError, type RecogniserSession } from "./engines.ts";
import { type HearPolicy, hearPolicy } from "./policy.ts";
import { recognise, type Utterance } from "./recognition.ts";
import type { Heard } from "./speech.ts";
import { untilAborted } from "./until-aborted.ts";
import type { VoiceActivityStream } from "./voice-activity.ts";
import { createRecentAudio, createWindowing } from "./windows.ts";

export type HearOptions = {
  session: RecogniserSession;
  voiceActivity: VoiceActivityStream;
  policy?: Partial<HearPolicy>;
  /** Told at once, while the recogniser may still be busy with what was said before. */
  onSpeaking?: (speaking: boolean) => void;
  signal: AbortSignal;
};

/** An utterance with what only the microphone's side of it needs. */
type Hearing = Utterance & {
  close: () => void;
  /** Position up to which its audio has been handed on. */
  fed: number;
  /** ms of `performance.now()` when the recogniser began with it. */
  turnAt?: number;
  /** There is an outcome, whether or not the speaker has ended. */
  over: boolean;
};

/** So many windows in a row that the detector can't judge end the hearing: 5 s. */
const BLIND_WINDOWS = (5 * HEARING_RATE) / WINDOW;

/**
 * Hears one speaker: finds the utterances in `audio` and has each recognised while it is spoken.
 * Audio is taken as it comes, however slow the recogniser is; what a recogniser fails at costs the
 * utterance. Ends with the audio, once the last final is there; `signal` ends it at once. Throws
 * when the audio does, or when voice activity detection stays away.
 */
export function hear(audio: AsyncIterable<PcmFrame>, options: HearOptions): AsyncIterable<Heard> {
  const policy: HearPolicy = { ...hearPolicy, ...options.policy };
  const { session, voiceActivity, onSpeaking, signal } = options;
  const heard = new AsyncQueue<Heard>({
    signal,
    key: (item) => (item.type === "partial" ? item.utteranceId : undefined),
  });
  const endpointer = createEndpointer(policy);
  const recent = createRecentAudio(
    Math.ceil(((policy.preRollMs + policy.holdMs + 500) * HEARING_RATE) / 1000 / WINDOW),
  );
  /** Utterances without an outcome, oldest first. The first is being recognised. */
  const waiting: Hearing[] = [];
  let current: Hearing | undefined;
  let line: Promise<void> = Promise.resolve();
  let probability = 0;
  let blind = 0;

  function start(event: Extract<EndpointEvent, { type: "start" }>): void {
    const { promise: spoken, resolve: close } = Promise.withResolvers<void>();
    const startedAt = recent.timeOf(event.startedAt);
    const utterance: Hearing = {
      id: crypto.randomUUID(),
      startedAt,
      endedAt: startedAt,
      audio: new AsyncQueue({
        limit: Math.ceil((policy.backlogMs * HEARING_RATE) / 1000 / WINDOW),
      }),
      spoken,
      close,
      cut: false,
      discard: new AbortController(),
      fed: event.from,
      over: false,
    };
    current = utterance;
    shedLoad();
    waiting.push(utterance);
    line = line.then(() => run(utterance));
  }

  /** Gives up on the oldest phrases while more waits than anybody would want to read so late. */
  function shedLoad(): void {
    const queued = waiting.filter((utterance) => !utterance.discard.signal.aborted);
    let samples = queued.reduce((sum, { audio }) => sum + audio.size * WINDOW, 0);
    for (const utterance of queued) {
      if ((samples / HEARING_RATE) * 1000 <= policy.backlogMs) return;
      samples -= utterance.audio.size * WINDOW;
      utterance.discard.abort(new EngineError("overloaded", "the recogniser fell too far behind"));
    }
  }

  async function run(utterance: Hearing): Promise<void> {
    if (signal.aborted) return;
    utterance.turnAt = performance.now();
    const { id: utteranceId, startedAt, discard } = utterance;
    heard.push({ type: "started", utteranceId, startedAt });
    const onPartial = (text: string) => heard.push({ type: "partial", utteranceId, text });
    const outcome = await recognise(session, utterance, { policy, onPartial, signal });
    utterance.over = true;
    waiting.splice(waiting.indexOf(utterance), 1);
    const brief = discard.signal.aborted && discard.signal.reason === BRIEF;
    const { text, error } = brief ? { text: "", error: undefined } : outcome;
    const { endedAt } = utterance;
    const cut = utterance.cut || error !== undefined;
    heard.push({ type: "ended", utteranceId, text, startedAt, endedAt, cut, error });
  }

  function feed(utterance: Hearing, to: number): void {
    if (to <= utterance.fed) return;
    for (const slice of recent.slices(utterance.fed, to)) utterance.audio.push(slice);
    utterance.fed = to;
  }

  function end(event: Extract<EndpointEvent, { type: "end" }>): void {
    if (!current) return;
    feed(current, event.to);
    if (!current.over) current.endedAt = recent.timeOf(event.endedAt);
    if (event.brief) current.discard.abort(BRIEF);
    current.audio.end();
    current.close();
    current = undefined;
  }

  function apply(events: EndpointEvent[]): void {
    for (const event of events) {
      if (event.type === "start") start(event);
      else end(event);
    }
  }

  /** The recogniser is through with an utterance that goes on: what is still said is another. */
  function resume(): void {
    if (!current?.over || current.turnAt === undefined) return;
    if (performance.now() - current.turnAt < policy.resumeAfterMs) return;
    apply(endpointer.restart());
  }

  async function judge(windows: readonly Int16Array[]): Promise<void> {
    const judged = await voiceActivity.judge(windows).catch((error: unknown) => {
      blind += windows.length;
      // While the detector starts again, whoever spoke is taken to speak on.
      if (blind >= BLIND_WINDOWS) throw error;
      return undefined;
    });
    if (heard.ended) return;
    if (judged) blind = 0;
    for (const [index, samples] of windows.entries()) {
      probability = judged?.[index] ?? probability;
      take(samples);
    }
  }

  function take(samples: Int16Array): void {
    const before = endpointer.voicedTo !== undefined;
    apply(endpointer.push(samples, probability));
    const voicedTo = endpointer.voicedTo;
    if (current && voicedTo !== undefined) {
      feed(current, endpointer.feedTo);
      if (!current.over) current.endedAt = recent.timeOf(voicedTo);
      resume();
    }
    if (before !== (voicedTo !== undefined)) onSpeaking?.(!before);
  }

  async function listen(): Promise<void> {
    const windowing = createWindowing();
    const unjudged: Int16Array[] = [];
    for await (const frame of untilAborted(audio, signal)) {
      for (const window of windowing(frame)) {
        recent.push(window);
        if (!current && unjudged.length === 0 && isDigitalSilence(window.samples)) {
          probability = 0;
          take(window.samples);
          continue;
        }
        unjudged.push(window.samples);
        if (unjudged.length > endpointer.idleWindows) await judge(unjudged.splice(0));
        // The recogniser needn't wait for what cannot matter.
        else if (current) feed(current, endpointer.position + unjudged.length * WINDOW);
        if (heard.ended) return;
      }
    }
    await judge(unjudged);
  }

  async function finish(): Promise<void> {
    const voicedTo = endpointer.voicedTo;
    if (current && voicedTo !== undefined) {
      // Within a phrase silences are shorter than this: there was more to come.
      current.cut = endpointer.position - voicedTo < (CUT_MS * HEARING_RATE) / 1000;
    }
    apply(endpointer.finish());
    if (voicedTo !== undefined) onSpeaking?.(false);
    await line;
  }

  void (async () => {
    try {
      await listen().finally(finish);
      heard.end();
    } catch (error) {
      heard.fail(error);
    }
  })();
  return heard;
}

/** What is made up while a microphone rests. No detector has to say that nobody speaks in it. */
function isDigitalSilence(samples: Int16Array): boolean {
  return samples.every((sample) => sample === 0);
}

/** Why an utterance is discarded that is no speech. */
const BRIEF = Symbol("brief");
const CUT_MS = 100;

import type { Voice } from "../../shared/call.ts";
import type { Volumes } from "./call.ts";

/** Root mean square above which an interpreter's voice is heard as speech: -50 dB of full scale. */
export const SPEECH_LEVEL = 0.003;

/** The pauses between an interpreter's clauses, through which the original stays quiet. */
const HOLD_MS = 1000;

/** What a change from silence to full volume takes: short enough to follow, too long to click. */
const DOWN_MS = 200;
const UP_MS = 500;

/** Who is being interpreted at this moment, told by how loud the interpreters' voices are. */
export class TalkingInterpreters {
  readonly #lastHeard = new Map<string, number>();

  /** `now` in ms, of any clock that only goes forward. */
  heard(accountId: string, level: number, now: number): void {
    if (level >= SPEECH_LEVEL) this.#lastHeard.set(accountId, now);
  }

  has(accountId: string, now: number): boolean {
    const last = this.#lastHeard.get(accountId);
    return last !== undefined && now - last <= HOLD_MS;
  }
}

/** How loud a voice should be. Who has silenced the interpreter hears originals in full. */
export function targetVolume(
  { kind }: Pick<Voice, "kind">,
  volumes: Volumes,
  interpreted: boolean,
): number {
  if (kind === "interpreter") return volumes.interpreter;
  return interpreted && volumes.interpreter > 0 ? volumes.original : 1;
}

/** The next step of a smooth way from `volume` to `target`. */
export function approach(volume: number, target: number, elapsedMs: number): number {
  if (target < volume) return Math.max(target, volume - elapsedMs / DOWN_MS);
  return Math.min(target, volume + elapsedMs / UP_MS);
}

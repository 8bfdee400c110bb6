/** What precedes the time in a message. */
const MARK = Buffer.from("t=");
const DIGITS = 16;
const ZERO = 0x30;

/** With what surrounds it a message has 200 bytes. */
const TEXT_LENGTH = 154;

/** The machine's monotonic clock, which all processes share. */
export function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** A text that says when it was due. */
export function stampedText(at: number): string {
  return `${MARK.toString()}${String(at).padStart(DIGITS, "0")} `.padEnd(
    TEXT_LENGTH,
    "lorem ipsum ",
  );
}

/** The message that every competitor sends: 200 bytes of JSON. */
export function message(text: string) {
  return { type: "role", accountId: text, role: "member" } as const;
}

/** Where the time is in each kind of frame, by the frame's length: it is looked for once. */
export type StampPlaces = Map<number, number>;

/** When a message was due, or undefined for a frame that holds none. */
export function readStamp(
  bytes: Buffer,
  start: number,
  end: number,
  places: StampPlaces,
): number | undefined {
  const length = end - start;
  let place = places.get(length);
  if (place === undefined || !isMark(bytes, start + place)) {
    place = bytes.subarray(start, end).indexOf(MARK);
    if (place < 0) return undefined;
    places.set(length, place);
  }
  let value = 0;
  const first = start + place + MARK.length;
  for (let index = first; index < first + DIGITS; index += 1) {
    value = value * 10 + ((bytes[index] ?? ZERO) - ZERO);
  }
  return value;
}

function isMark(bytes: Buffer, at: number): boolean {
  return bytes[at] === MARK[0] && bytes[at + 1] === MARK[1];
}

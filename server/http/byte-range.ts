import type { ByteRange } from "../storage/storage.ts";

const RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/u;

/**
 * What a `Range` header asks for of a file of `size` bytes: the whole of it (`undefined`, also for several
 * ranges at once, which a server may answer so), a part, or nothing that is there.
 */
export function parseByteRange(
  header: string | undefined,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = RANGE.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Number(last);
  // Who asks backwards is not understood.
  if (last !== "" && end < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end: Math.min(end, size - 1) };
}

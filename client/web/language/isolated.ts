/** A name of another script inside a sentence must not turn the sentence around. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/**
 * The items of `source` until `signal` aborts, even while the source is silent. An abort ends the
 * iteration without an error and lets go of the source.
 */
export function untilAborted<Item>(
  source: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncIterableIterator<Item, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  const end = { value: undefined, done: true } as const;
  let wake: ((end: IteratorReturnResult<undefined>) => void) | undefined;
  let over = false;

  function finish() {
    if (over) return end;
    over = true;
    signal.removeEventListener("abort", onAbort);
    // Not awaited: a source that hangs in its `next` would hang here as well.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
    return end;
  }
  const onAbort = () => wake?.(finish());
  if (signal.aborted) finish();
  else signal.addEventListener("abort", onAbort, { once: true });

  // No generator: sound comes by here, and each of a generator's promises costs as much as the sound.
  return {
    next: () =>
      // Not Promise.race with one promise for the abort: each round would stay attached to it.
      new Promise((resolve, reject) => {
        if (over) return resolve(end);
        wake = resolve;
        iterator.next().then(
          (next) => resolve(next.done ? finish() : next),
          (error) => {
            finish();
            reject(error);
          },
        );
      }),
    return: () => Promise.resolve(finish()),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Of a stream that may stay silent for ever. */

/** What comes up to the signal; then it ends, whatever is still waited for. */
export async function* untilAborted<T>(stream: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  if (signal === undefined) return yield* stream;
  const end = { done: true, value: undefined } as const;
  let stop = () => {};
  const aborted = new Promise<typeof end>((resolve) => {
    stop = () => resolve(end);
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const iterator = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    if (!signal.aborted) await iterator.return?.();
  }
}

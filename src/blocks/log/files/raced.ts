/** Several streams as one: whatever comes first. */

type Next<T> = Promise<{ readonly stream: AsyncGenerator<T>; readonly result: IteratorResult<T> }>;

/** The first failure ends it; the others are then ended, too. */
export async function* raced<T>(streams: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const waiting = new Map<AsyncGenerator<T>, Next<T>>();
  const ask = (stream: AsyncGenerator<T>) => {
    const next = stream.next().then((result) => ({ stream, result }));
    // Heard of in its turn.
    next.catch(() => undefined);
    waiting.set(stream, next);
  };
  for (const stream of streams) ask(stream);
  try {
    while (waiting.size > 0) {
      const { stream, result } = await Promise.race(waiting.values());
      if (result.done === true) {
        waiting.delete(stream);
        continue;
      }
      ask(stream);
      yield result.value;
    }
  } finally {
    for (const stream of waiting.keys()) void stream.return(undefined);
  }
}

/**
 * Work on many things at once, results in the order of the things: a slow one holds back those behind it, which go on being
 * worked on meanwhile.
 *
 *     pulled, in order   1 ✓   2 …   3 ✓   4 ✓   5 …         at most WINDOW results held, at most `concurrency` of them …
 *     given out          1     ▲ waits for 2
 */

/** Results that are held back at most. */
const WINDOW = 4_096;

export interface InOrderOptions {
  /** How many are worked on at once. */
  readonly concurrency: number;
}

/** `work` must not reject. Things are taken only as they are needed; where they end in an error, so does this. */
export async function* inOrder<Job, Result>(
  jobs: AsyncIterable<Job>,
  work: (job: Job) => Promise<Result>,
  { concurrency }: InOrderOptions,
): AsyncGenerator<Result> {
  const iterator = jobs[Symbol.asyncIterator]();
  const results: Promise<Result>[] = [];
  let running = 0;
  let pulling: Promise<void> | undefined;
  let ended = false;
  /** Of the things themselves: told after the results of what came before. */
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};
  let changed = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const start = (job: Job) => {
    running++;
    const result = work(job).finally(() => {
      running--;
      wake();
    });
    results.push(result);
  };
  const pull = async () => {
    try {
      const next = await iterator.next();
      if (next.done === true) ended = true;
      else start(next.value);
    } catch (error) {
      ended = true;
      failure = { error };
    }
  };
  try {
    for (;;) {
      if (!ended && pulling === undefined && running < concurrency && results.length < WINDOW) {
        pulling = pull().finally(() => {
          pulling = undefined;
        });
      }
      const [head] = results;
      if (head === undefined && pulling === undefined) {
        if (failure !== undefined) throw failure.error;
        return;
      }
      const isDone = await Promise.race([
        head === undefined ? new Promise<false>(() => {}) : head.then(() => true),
        ...(pulling === undefined ? [] : [pulling.then(() => false)]),
        changed.then(() => false),
      ]);
      changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (isDone && head !== undefined) {
        results.shift();
        yield await head;
      }
    }
  } finally {
    await iterator.return?.();
  }
}

/**
 * Fair shares of an ID source among connections. A source serves its callers one after another, so whoever asks for
 * millions, or leaves thousands of requests in the pipe, would make everybody else wait. Therefore
 *
 *     a few IDs       at once
 *     more            one request of a connection at a time, in order of arrival: its IDs rise from reply to reply
 *     very many       one such request at a time in the whole daemon, in slices between which others get their turn;
 *                     so no more than one reply of megabytes is being made
 *
 * and a request whose connection has gone is dropped when its turn comes.
 */

/** Up to this many are made at once, unless the connection has something in turn already. */
const FEW = 64;
/** The most that are made in one go: a tick of the twitter layout, about a millisecond. */
const SLICE = 4096;

interface Asker {
  readonly closed: boolean;
}

export class IdRequests {
  /** The last request of each connection that is waiting or being served. */
  readonly #last = new WeakMap<Asker, Promise<unknown>>();
  #huge: Promise<unknown> = Promise.resolve();

  /** What `make` returned, slice by slice; fewer or none once the asker has gone. */
  run<T>(asker: Asker, count: number, make: (count: number) => Promise<T>): Promise<T[]> {
    const before = this.#last.get(asker);
    if (count <= FEW && before === undefined) return make(count).then((made) => [made]);
    const turn = this.#inTurn(before, asker, count, make);
    const settled: Promise<void> = turn.then(ignore, ignore).then(() => {
      if (this.#last.get(asker) === settled) this.#last.delete(asker);
    });
    this.#last.set(asker, settled);
    return turn;
  }

  async #inTurn<T>(
    before: Promise<unknown> | undefined,
    asker: Asker,
    count: number,
    make: (count: number) => Promise<T>,
  ): Promise<T[]> {
    await before;
    if (asker.closed) return [];
    if (count <= SLICE) return [await make(count)];
    const run = this.#huge.then(() => inSlices(asker, count, make));
    this.#huge = run.catch(ignore);
    return run;
  }
}

async function inSlices<T>(asker: Asker, count: number, make: (count: number) => Promise<T>): Promise<T[]> {
  const slices: T[] = [];
  for (let left = count; left > 0 && !asker.closed; left -= SLICE) slices.push(await make(Math.min(left, SLICE)));
  return slices;
}

const ignore = () => {};

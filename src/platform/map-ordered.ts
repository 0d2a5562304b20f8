/**
 * What `work` makes of each item, in the items' order, up to `atOnce` of them under way. The first failure ends it, once all that was under
 * way has ended.
 */
export async function* mapOrdered<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const running: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // Awaited in its turn; until then nobody hears of a failure.
      result.catch(() => undefined);
      running.push(result);
      if (running.length < atOnce) continue;
      const first = running.shift();
      if (first !== undefined) yield await first;
    }
    for (let first = running.shift(); first !== undefined; first = running.shift()) yield await first;
  } finally {
    await Promise.allSettled(running);
  }
}

/** What holds of logs wherever they are: one suite, over the file and over a daemon by Loki's API. */
import { expect, test } from 'vitest';
import { type EntryBatch, EntryBatchBuilder, type NewEntry } from '../../../src/blocks/log/entry-batch.js';
import { makeLabels } from '../../../src/blocks/log/labels.js';
import type { Entry, LogStore, TimeRange } from '../../../src/blocks/log/log-store.js';
import { nanosOf } from '../../../src/blocks/log/nanos.js';
import { waitFor } from '../../helpers/wait-for.js';

/** More than fits into a page of the client. */
const COUNT = 2_600;

const shop = makeLabels([['app', 'shop']]);
const mail = makeLabels([['app', 'mail']]);

export function batchOf(entries: readonly NewEntry[]): EntryBatch {
  const builder = new EntryBatchBuilder();
  for (const entry of entries) builder.add(entry);
  return builder.build();
}

async function collect(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

/** @param open an empty store; it is closed by the suite @param now milliseconds; entries are put around it */
export function logStoreContract(name: string, open: () => Promise<LogStore>, now: () => number): void {
  const rangeOf = (base: bigint): TimeRange => ({ start: base - 1_000_000_000n, end: base + 3_600_000_000_000n });

  test(`${name}: what was appended is answered in order of time, whole and by pages, metadata apart from the stream`, async () => {
    const store = await open();
    const base = nanosOf(now() - 60_000);
    const lines = Array.from({ length: COUNT }, (_, i) => ({
      // Many of one instant, across the ends of pages.
      timestamp: base + BigInt(Math.floor(i / 700)),
      line: `line ${i}`,
      stream: i % 3 === 0 ? mail : shop,
    }));
    await store.append(batchOf(lines));
    const metadata = makeLabels([['trace', 'abc']]);
    await store.append(
      batchOf([
        { timestamp: base + 100n, line: 'tab\tand "quotes" \u00e9\u{1f600}', stream: shop, metadata },
        { timestamp: base + 100n, line: 'the same', stream: shop },
        { timestamp: base + 100n, line: 'the same', stream: shop },
      ]),
    );
    const range = rangeOf(base);
    const query = '{app=~".+"}';
    const all = await collect(store.entries({ query, ...range, direction: 'forward' }));
    const times = all.map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    const sent = lines.map(({ line }) => line);
    expect(
      all
        .map(({ line }) => line)
        .slice(0, COUNT)
        .sort(),
    ).toEqual(sent.sort());
    expect(all.slice(COUNT).map(({ line }) => line)).toEqual([
      'tab\tand "quotes" \u00e9\u{1f600}',
      'the same',
      'the same',
    ]);
    expect({ ...all[COUNT]?.labels }).toEqual({ app: 'shop', trace: 'abc' });
    expect({ ...all[COUNT]?.stream }).toEqual({ app: 'shop' });
    const back = await collect(store.entries({ query, ...range, direction: 'backward', limit: COUNT - 500 }));
    expect(back).toHaveLength(COUNT - 500);
    expect(back.map(({ timestamp }) => timestamp)).toEqual(times.toReversed().slice(0, COUNT - 500));
    const some = { start: base + 1n, end: base + 2n };
    const within = await collect(store.entries({ query: '{app="mail"} |= "line"', ...some, direction: 'forward' }));
    expect(within.map(({ line }) => line)).toEqual(
      lines.filter(({ timestamp, stream }) => timestamp === base + 1n && stream === mail).map(({ line }) => line),
    );
    await store.close();
  });

  test(`${name}: labels, series and numbers`, async () => {
    const store = await open();
    const base = nanosOf(now() - 60_000);
    const entry = (stream: typeof shop, seconds: number) => ({
      stream,
      line: 'level=info took=2',
      timestamp: base + BigInt(seconds) * 1_000_000_000n,
    });
    await store.append(batchOf([entry(shop, 0), entry(shop, 1), entry(mail, 20)]));
    const range = rangeOf(base);
    expect(await store.labelNames(range)).toEqual(['app']);
    expect(await store.labelValues('app', range)).toEqual(['mail', 'shop']);
    expect((await store.series(['{app="shop"}'], range)).map((labels) => ({ ...labels }))).toEqual([{ app: 'shop' }]);
    const end = base + 30_000_000_000n;
    const query = 'sum by (app) (sum_over_time({app=~".+"} | logfmt | unwrap took [1m]))';
    const { result } = await store.metric({ query, start: base, end });
    const values =
      result.kind === 'vector' ? result.series.map(({ labels, values: [value] }) => [labels['app'], value]) : [];
    expect(values.sort()).toEqual([
      ['mail', 2],
      ['shop', 4],
    ]);
    const matrix = await store.metric({
      query: 'sum(rate({app="shop"}[10s]))',
      start: base,
      end,
      step: 10_000_000_000n,
    });
    expect(matrix.result).toMatchObject({ kind: 'matrix', series: [{ labels: {} }] });
    expect((await store.metric({ query: 'vector(1)+vector(1)', start: base, end })).result).toMatchObject({
      series: [{ values: [2] }],
    });
    const bad = store.entries({ query: '{app="shop"} |= ', ...range, direction: 'forward' });
    await expect(collect(bad)).rejects.toMatchObject({ code: 'log.bad_query' });
    await store.close();
  });

  test(`${name}: a tail has what arrives, once, and ends with the signal`, async () => {
    const store = await open();
    const ending = new AbortController();
    const seen: string[] = [];
    const start = nanosOf(now());
    const tail = store.tail({ query: '{app="shop"} != "no"', start, signal: ending.signal });
    const following = (async () => {
      for await (const { line } of tail) seen.push(line);
    })();
    for (let i = 0; i < 3; i++) {
      const add = (stream: typeof shop, line: string) => ({ timestamp: nanosOf(now()) + BigInt(i), line, stream });
      await store.append(batchOf([add(shop, `yes ${i}`), add(shop, `no ${i}`), add(mail, `mail ${i}`)]));
      await waitFor(() => seen.includes(`yes ${i}`));
    }
    ending.abort();
    await following;
    expect(seen).toEqual(['yes 0', 'yes 1', 'yes 2']);
    await store.close();
  });
}

import { describe, expect, test } from 'vitest';
import { arrivals } from '../../../../src/blocks/log/store/arrivals.js';
import { compact } from '../../../../src/blocks/log/store/compactor.js';
import type { EntryStore } from '../../../../src/blocks/log/store/entry-store.js';
import { purge } from '../../../../src/blocks/log/store/retention.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { linesOf, openTestStore } from './open-store.js';
import { allSeen, batchOf, NOON } from './samples.js';

async function follow(store: EntryStore, found: string[], signal: AbortSignal): Promise<void> {
  for await (const arrival of arrivals(store, { tenant: 'fake', after: store.state(), signal }))
    found.push(...(arrival.kind === 'lost' ? ['lost'] : linesOf(allSeen(arrival.batch))));
}

describe('arrivals', () => {
  test('come in order and once, from this connection and another, of one tenant, merged or not', async () => {
    const store = openTestStore({ clock: systemClock });
    const other = openTestStore({ clock: systemClock, path: store.sql.path });
    await store.append('fake', batchOf(['before'], NOON));
    const found: string[] = [];
    const stop = new AbortController();
    const following = follow(store, found, stop.signal);
    const expected: string[] = [];
    for (let i = 0; i < 30; i++) {
      await (i % 3 === 0 ? other : store).append('fake', batchOf([`line ${i}`], NOON - BigInt(i)));
      await store.append('stranger', batchOf(['not yours'], NOON));
      expected.push(`line ${i}`);
      if (i % 10 === 9) await compact(other, { all: true });
    }
    await waitFor(() => found.length >= 30);
    stop.abort();
    await following;
    expect(found).toEqual(expected);
  });

  test('that have gone before they were asked for are told of', async () => {
    const clock = new ManualClock();
    const store = openTestStore({ clock });
    const after = store.state();
    for (let i = 0; i < 10; i++) await store.append('fake', batchOf([`line ${i}`], NOON + BigInt(i)));
    await compact(store, { all: true });
    clock.advance(600_000);
    await purge(store);
    await store.append('fake', batchOf(['last'], NOON + 20n));
    const kinds: string[] = [];
    for await (const { kind } of arrivals(store, { tenant: 'fake', after, signal: new AbortController().signal })) {
      kinds.push(kind);
      if (kind === 'entries') break;
    }
    expect(kinds).toEqual(['lost', 'entries']);
  });
});

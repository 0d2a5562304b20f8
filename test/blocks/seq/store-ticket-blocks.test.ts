import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { BlockTickets } from '../../../src/blocks/seq/store/ticket-blocks.js';
import { openSequencerStore, type SequencerStore } from '../../../src/blocks/seq/store.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { makeTemporaryFolder } from '../../helpers/temporary-folder.js';
import { describeSequencerContract, expectCode } from './contract.js';

const clock = new ManualClock();

describe('tickets in blocks', () => {
  let path: string;
  let store: SequencerStore;

  const open = () => openSequencerStore({ path, clock, machine: 'this machine' });
  const blocksOn = (file: SequencerStore, options: { maxBlock?: number; maxNames?: number } = {}) =>
    new BlockTickets({ tickets: file.tickets, clock, ...options });

  beforeEach(() => {
    const folder = makeTemporaryFolder();
    path = join(folder.path, 'seq.db');
    store = open();
    return async () => {
      await store.close();
      folder.remove();
    };
  });

  /** Uses a name often enough that a large block is held. */
  async function warmUp(tickets: BlockTickets, name: string): Promise<bigint> {
    let last = 0n;
    for (let i = 0; i < 400; i += 1) ({ last } = tickets.takeNow(name, 1n) ?? (await tickets.take(name, 1n)));
    return last;
  }

  test('go to the file for the first numbers, and then come from memory', async () => {
    const tickets = blocksOn(store);
    expect(tickets.takeNow('orders', 1n)).toBeUndefined();
    expect(await tickets.take('orders', 1n)).toEqual({ first: 1n, last: 1n });
    expect(await warmUp(tickets, 'orders')).toBe(401n);
    expect(await store.tickets.current('orders')).toBeGreaterThan(401n);
    expect(tickets.takeNow('orders', 2n)).toEqual({ first: 402n, last: 403n });
  });

  test('take nothing ahead for a name that is asked now and then', async () => {
    const tickets = blocksOn(store);
    for (let i = 0; i < 5; i += 1) {
      await tickets.take('rare', 1n);
      clock.advance(60_000);
    }
    expect(await store.tickets.current('rare')).toBe(5n);
  });

  test('never take more ahead than allowed', async () => {
    const tickets = blocksOn(store, { maxBlock: 16 });
    const last = await warmUp(tickets, 'orders');
    const inFile = (await store.tickets.current('orders')) ?? 0n;
    expect(inFile - last).toBeLessThanOrEqual(16n);
  });

  test('say the highest number given out, not the highest taken ahead', async () => {
    const tickets = blocksOn(store);
    const last = await warmUp(tickets, 'orders');
    expect(await tickets.current('orders')).toBe(last);
    expect(await tickets.current('unused')).toBeUndefined();
  });

  test('give back what is unused on a clean close', async () => {
    const tickets = blocksOn(store);
    const last = await warmUp(tickets, 'orders');
    await tickets.close();
    expect(await store.tickets.current('orders')).toBe(last);
    expect(tickets.takeNow('orders', 1n)).toBeUndefined();
  });

  test('leave a hole and repeat nothing when the process dies', async () => {
    const last = await warmUp(blocksOn(store), 'orders');
    const reserved = (await store.tickets.current('orders')) ?? 0n;
    const next = await blocksOn(store).take('orders', 1n);
    expect(reserved).toBeGreaterThan(last);
    expect(next.first).toBe(reserved + 1n);
  });

  test('give nothing back when somebody else took meanwhile', async () => {
    const tickets = blocksOn(store);
    await warmUp(tickets, 'orders');
    const others = await store.tickets.take('orders', 1n);
    await tickets.close();
    expect(await store.tickets.current('orders')).toBe(others.last);
  });

  test('differ between two daemons on one file, and rise within each', async () => {
    const second = open();
    const sides = [blocksOn(store), blocksOn(second)] as const;
    const seen = new Set<bigint>();
    const lasts = [0n, 0n];
    for (let i = 0; i < 2000; i += 1) {
      const side = (i >> 3) & 1;
      const tickets = sides[side === 0 ? 0 : 1];
      const { first } = tickets.takeNow('orders', 1n) ?? (await tickets.take('orders', 1n));
      expect(first).toBeGreaterThan(lasts[side] ?? 0n);
      lasts[side] = first;
      seen.add(first);
    }
    expect(seen.size).toBe(2000);
    await second.close();
  });

  test('are consecutive within one take, also when it is larger than the block', async () => {
    const tickets = blocksOn(store);
    const given = new Set<bigint>();
    const ranges = await Promise.all([3n, 1n, 5000n, 1n, 20n].map((count) => tickets.take('orders', count)));
    for (const { first, last } of ranges) for (let n = first; n <= last; n += 1n) given.add(n);
    expect(ranges.map(({ first, last }) => last - first + 1n)).toEqual([3n, 1n, 5000n, 1n, 20n]);
    expect(given.size).toBe(5025);
  });

  test('can be used up to the last number there is', async () => {
    const max = 2n ** 63n - 1n;
    store.file.write(() =>
      store.file.statement<[bigint]>("INSERT INTO sequence VALUES ('end', 'block', ?)").run(max - 3n),
    );
    const tickets = blocksOn(store);
    for (const number of [max - 2n, max - 1n, max]) expect((await tickets.take('end', 1n)).last).toBe(number);
    await expectCode(tickets.take('end', 1n), 'seq.ticket_exhausted');
    expect(await store.tickets.current('end')).toBe(max);
  });

  test('keep few names in memory, and give back the blocks of the others', async () => {
    const tickets = blocksOn(store, { maxNames: 2 });
    const last = await warmUp(tickets, 'first');
    await tickets.take('second', 1n);
    await tickets.take('third', 1n);
    expect(tickets.takeNow('first', 1n)).toBeUndefined();
    expect(await store.tickets.current('first')).toBe(last);
  });

  test('do not begin a sequence that is refused', async () => {
    const tickets = blocksOn(store);
    await store.tickets.reserve('invoices', { holder: 'h', ttlMs: 1000 });
    await expectCode(tickets.take('invoices', 1n), 'seq.ticket_kind');
    expect(tickets.takeNow('invoices', 1n)).toBeUndefined();
  });
});

describeSequencerContract('the SQLite file with tickets in blocks', async () => {
  const folder = makeTemporaryFolder();
  const own = new ManualClock();
  const open = () => {
    const store = openSequencerStore({ path: join(folder.path, 'seq.db'), clock: own, machine: 'this machine' });
    const tickets = new BlockTickets({ tickets: store.tickets, clock: own });
    const close = async () => {
      await tickets.close();
      await store.close();
    };
    return { workers: store.workers, hlc: store.hlc, tickets, close };
  };
  let opened = open();
  return {
    sequencer: opened,
    clock: own,
    reopen: async () => {
      await opened.close();
      opened = open();
      return opened;
    },
    cleanup: async () => {
      await opened.close();
      folder.remove();
    },
  };
});

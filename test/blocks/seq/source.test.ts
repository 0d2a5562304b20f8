import { afterEach, describe, expect, it } from 'vitest';
import { type IdBatch, idsToStrings } from '../../../src/blocks/seq/batch.js';
import { decodeId } from '../../../src/blocks/seq/decode.js';
import { resolveLayout } from '../../../src/blocks/seq/index.js';
import { type IdSource, type IdSourceOptions, openIdSource } from '../../../src/blocks/seq/source.js';
import { systemRandom } from '../../../src/platform/clock.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { MemoryWorkers } from '../../helpers/memory-workers.js';
import { RunningClock } from '../../helpers/running-clock.js';
import { waitFor } from '../../helpers/wait-for.js';

const START = Date.UTC(2026, 0, 1);
const opened: IdSource[] = [];

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
});

interface Setting extends Partial<Omit<IdSourceOptions, 'layout'>> {
  readonly layout?: string;
  readonly clock: ManualClock;
}

async function open({ layout = 'twitter', clock, ...others }: Setting): Promise<IdSource> {
  const source = await openIdSource({
    layout: resolveLayout(layout),
    workers: new MemoryWorkers(clock),
    clock,
    random: systemRandom,
    holder: 'test',
    onClockBack: 'wait',
    maxWaitMs: 5000,
    keepLease: false,
    ...others,
  });
  opened.push(source);
  return source;
}

function timesOf(batch: IdBatch): number[] {
  return idsToStrings(batch, 'canonical').map((id) => decodeId(id, batch.layout, START)[0]?.time ?? Number.NaN);
}

function idsOf(batch: IdBatch): string[] {
  return idsToStrings(batch, batch.family === 'integer' ? 'hex' : 'canonical');
}

function expectRising(ids: readonly string[]): void {
  for (let i = 1; i < ids.length; i++) {
    if ((ids[i] as string) <= (ids[i - 1] as string)) throw new Error(`${ids[i]} follows ${ids[i - 1]} at ${i}`);
  }
}

describe('a tick', () => {
  it('whose sequence is exhausted is waited out, never wrapped', async () => {
    const clock = new RunningClock(START);
    const source = await open({ clock });
    const batch = await source.next(10_000);
    expectRising(idsOf(batch));
    expect(clock.now()).toBe(START + 2);
    expect(timesOf(batch).filter((time) => time === START)).toHaveLength(4096);
  });

  it('takes at most its sequence even when asked for again and again', async () => {
    const clock = new ManualClock(START);
    const source = await open({ clock, layout: 'ts:41,worker:4,seq:2' });
    await source.next(4);
    const late = source.next(1);
    await waitFor(() => clock.sleeping === 1);
    clock.advance(1);
    expect(timesOf(await late)).toEqual([START + 1]);
  });

  it('of a layout without sequence holds one ID', async () => {
    const clock = new RunningClock(START);
    const source = await open({ clock, layout: 'ts:41,worker:4' });
    expect(timesOf(await source.next(3))).toEqual([START, START + 1, START + 2]);
  });

  it.each(['spin', 'yield'])('ends for a source that may %s', async (manner) => {
    const clock = new RunningClock(START);
    const source = await open({ clock, spin: manner === 'spin', layout: 'sonyflake' });
    expectRising(idsOf(await source.next(1000)));
  });
});

describe('a clock that goes back', () => {
  it('is waited for when that is allowed', async () => {
    const clock = new RunningClock(START);
    const source = await open({ clock });
    const before = idsOf(await source.next(5));
    clock.step(-3000);
    expectRising([...before, ...idsOf(await source.next(5))]);
    expect(clock.monotonic()).toBe(3000);
  });

  it('farther than the allowed wait is refused, with the way out', async () => {
    const clock = new RunningClock(START);
    const source = await open({ clock, maxWaitMs: 2999 });
    await source.next(5);
    clock.step(-3000);
    await expect(source.next(1)).rejects.toMatchObject({
      code: 'seq.clock_backwards',
      details: { behind_ms: 3000 },
      hint: expect.stringContaining('borrow'),
    });
  });

  it('is refused at once when the policy is to fail, and IDs go on when it is mended', async () => {
    const clock = new RunningClock(START);
    const source = await open({ clock, onClockBack: 'fail' });
    const before = idsOf(await source.next(5));
    clock.step(-1);
    await expect(source.next(1)).rejects.toMatchObject({ code: 'seq.clock_backwards' });
    clock.step(2);
    expectRising([...before, ...idsOf(await source.next(5))]);
  });

  it('is borrowed from when the policy says so: the tick goes on, and no faster than real time', async () => {
    const clock = new RunningClock(START);
    const source = await open({ clock, onClockBack: 'borrow' });
    const before = await source.next(5);
    clock.step(-3_600_000);
    const after = await source.next(10_000);
    expectRising([...idsOf(before), ...idsOf(after)]);
    expect(timesOf(after).at(-1)).toBe(START + 2);
    expect(clock.monotonic()).toBe(2);
  });

  it('after having jumped ahead does not bring an ID twice', async () => {
    const clock = new RunningClock(START);
    const source = await open({ clock, onClockBack: 'borrow' });
    const ids = idsOf(await source.next(5));
    for (const step of [86_400_000, -86_400_000, 500, -500, 1, -1]) {
      clock.step(step);
      ids.push(...idsOf(await source.next(5000)));
    }
    expectRising(ids);
  });

  it('before the epoch is refused', async () => {
    const clock = new RunningClock(Date.UTC(2010, 0, 1));
    await expect(open({ clock })).rejects.toMatchObject({ code: 'seq.clock_backwards' });
  });
});

describe('the reservation', () => {
  it('is on disk before any ID of its instants is handed out', async () => {
    const clock = new RunningClock(START);
    const workers = new MemoryWorkers(clock);
    const source = await open({ clock, workers, reserveMs: 10 });
    for (let i = 0; i < 100; i++) {
      const times = timesOf(await source.next(3));
      const [record] = await workers.list();
      for (const time of times) expect(time).toBeLessThan(record?.highWater ?? 0);
      clock.advance(i % 2 === 0 ? 3 : 30);
    }
  });

  it('needs one lease and one release for a short run, and nothing between', async () => {
    const clock = new RunningClock(START);
    const workers = new MemoryWorkers(clock);
    const source = await open({ clock, workers, spin: true });
    await source.next(10_000);
    await source.close();
    expect(workers.calls).toEqual({ lease: 1, renew: 0, release: 1 });
  });

  it('is renewed in the background before it runs out', async () => {
    const clock = new RunningClock(START);
    const workers = new MemoryWorkers(clock);
    const source = await open({ clock, workers });
    clock.advance(600);
    await source.next(1);
    await waitFor(() => workers.calls.renew === 1);
    expect((await workers.list())[0]?.highWater).toBe(START + 2000);
  });

  it('is given back to what was used, so that the next holder need not wait', async () => {
    const clock = new RunningClock(START);
    const workers = new MemoryWorkers(clock);
    const first = await open({ clock, workers });
    const ids = idsOf(await first.next(3));
    await first.close();
    expect((await workers.list())[0]?.highWater).toBe(START + 1);
    const second = await open({ clock, workers });
    ids.push(...idsOf(await second.next(3)));
    expectRising(ids);
    expect(clock.now()).toBe(START + 1);
  });

  it('outlives a killed holder: its number comes back above everything it could have made', async () => {
    const clock = new RunningClock(START);
    const workers = new MemoryWorkers(clock);
    const killed = await open({ clock, workers, worker: 7 });
    const ids = idsOf(await killed.next(3));
    clock.step(-500);
    const next = await open({ clock, workers, worker: 7, maxWaitMs: 60_000 });
    ids.push(...idsOf(await next.next(3)));
    expectRising(ids);
    expect(next.worker).toBe(7);
  });
});

describe('a source that stalls past its lease', () => {
  it('goes on with a new number, says so, and its IDs keep rising', async () => {
    const clock = new RunningClock(START);
    const workers = new MemoryWorkers(clock);
    const notices: string[] = [];
    const source = await open({ clock, workers, onNotice: (text) => notices.push(text) });
    const ids = idsOf(await source.next(5));
    clock.advance(60_000);
    workers.usurp('twitter', source.worker);
    ids.push(...idsOf(await source.next(5)));
    expectRising(ids);
    expect(source.worker).toBe(1);
    expect(notices).toEqual([expect.stringContaining('going on as worker 1')]);
  });

  it('keeps a number that nobody took', async () => {
    const clock = new RunningClock(START);
    const source = await open({ clock });
    await source.next(1);
    clock.advance(3_600_000);
    await source.next(1);
    expect(source.worker).toBe(0);
  });

  it('never closes the number of its successor', async () => {
    const clock = new RunningClock(START);
    const workers = new MemoryWorkers(clock);
    const source = await open({ clock, workers });
    workers.usurp('twitter', 0);
    await source.close();
    expect((await workers.list())[0]).toMatchObject({ holder: 'usurper', state: 'leased' });
  });
});

describe('a borrowing source whose clock went back farther than the registry reserves ahead', () => {
  it('takes a number with a floor where it stands, and goes on', async () => {
    const clock = new RunningClock(START);
    const notices: string[] = [];
    const layout = 'ts:44,worker:10,seq:4';
    const source = await open({ clock, layout, onClockBack: 'borrow', onNotice: (text) => notices.push(text) });
    const ids = idsOf(await source.next(5));
    clock.step(-86_400_000);
    for (let i = 0; i < 20; i++) ids.push(...idsOf(await source.next(1600)));
    expectRising(ids);
    expect(notices).toEqual([expect.stringContaining('worker 0 could not be kept')]);
  });
});

describe('an idle daemon', () => {
  it('keeps its lease by timer until it is closed', async () => {
    const clock = new ManualClock(START);
    const workers = new MemoryWorkers(clock);
    const source = await open({ clock, workers, keepLease: true, leaseTtlMs: 9000 });
    for (let round = 1; round <= 3; round++) {
      await waitFor(() => clock.sleeping === 1);
      clock.advance(3000);
      await waitFor(() => workers.calls.renew === round);
    }
    await source.close();
    expect(clock.sleeping).toBe(0);
  });
});

describe('the end of time', () => {
  const end = START + 2 ** 30;
  const layout = `ts:30,seq:10;epoch=${new Date(START).toISOString()}`;

  it('is refused, not wrapped', async () => {
    const clock = new RunningClock(end - 1);
    const source = await open({ clock, layout });
    await source.next(1024);
    await expect(source.next(1)).rejects.toMatchObject({ code: 'seq.time_exhausted' });
    await expect(open({ clock, layout })).rejects.toMatchObject({ code: 'seq.time_exhausted' });
  });

  it('is announced when less than a year is left', async () => {
    const notices: string[] = [];
    await open({ clock: new RunningClock(START), layout, onNotice: (text) => notices.push(text) });
    expect(notices).toEqual([expect.stringContaining('run out in 12 days')]);
  });
});

describe('worker numbers', () => {
  it('are told apart in the IDs of sources that run at the same time', async () => {
    const clock = new RunningClock(START);
    const workers = new MemoryWorkers(clock);
    const sources = [await open({ clock, workers }), await open({ clock, workers }), await open({ clock, workers })];
    const ids = (await Promise.all(sources.map((source) => source.next(5000)))).flatMap(idsOf);
    expect(new Set(ids).size).toBe(15_000);
  });

  it('that are all taken are waited for as long as allowed', async () => {
    const clock = new RunningClock(START);
    const workers = new MemoryWorkers(clock);
    await open({ clock, workers, layout: 'mastodon' });
    await expect(open({ clock, workers, layout: 'mastodon' })).rejects.toMatchObject({ code: 'seq.workers_exhausted' });
    await open({ clock, workers, layout: 'mastodon', maxWaitMs: 60_000 });
    expect(clock.now()).toBe(START + 12_000);
  });
});

describe('next', () => {
  it.each([0, -1, 1.5, 1_000_001, Number.NaN])('refuses a count of %s', async (count) => {
    const source = await open({ clock: new RunningClock(START) });
    await expect(source.next(count)).rejects.toMatchObject({ code: 'seq.bad_count' });
  });

  it('serves calls in their order', async () => {
    const source = await open({ clock: new RunningClock(START) });
    const batches = await Promise.all(Array.from({ length: 50 }, () => source.next(100)));
    expectRising(batches.flatMap(idsOf));
  });

  it('stops waiting when it is told to', async () => {
    const clock = new ManualClock(START);
    const controller = new AbortController();
    const source = await open({ clock, layout: 'ts:41', signal: controller.signal });
    await source.next(1);
    const waiting = source.next(1);
    await waitFor(() => clock.sleeping === 1);
    controller.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});

describe.each(['uuid7', 'ulid', 'ksuid', 'xid'])('%s', (layout) => {
  it('rises within a millisecond and over milliseconds', async () => {
    const clock = new RunningClock(START);
    const source = await open({ clock, layout });
    const ids: string[] = [];
    for (let i = 0; i < 1100; i++) {
      ids.push(...idsOf(await source.next(20)));
      clock.advance(1);
    }
    expectRising(ids);
  });

  it('rises across a restart and a clock that was stepped back meanwhile', async () => {
    const clock = new RunningClock(START + 300);
    const workers = new MemoryWorkers(clock);
    const ids: string[] = [];
    for (let restart = 0; restart < 5; restart++) {
      const source = await open({ clock, workers, layout });
      ids.push(...idsOf(await source.next(20)));
      await source.close();
      clock.step(-50);
    }
    expectRising(ids);
  });

  it('carries the time', async () => {
    const source = await open({ clock: new RunningClock(START), layout });
    expect(timesOf(await source.next(1))).toEqual([START]);
  });
});

describe('the millisecond of a ulid', () => {
  it('that has no randomness left to increment is followed by the next one, not wrapped', async () => {
    const clock = new RunningClock(START);
    const random = { bytes: (length: number) => new Uint8Array(length).fill(0xff) };
    const source = await open({ clock, layout: 'ulid', random });
    expect(timesOf(await source.next(3))).toEqual([START, START + 1, START + 2]);
  });
});

describe('a layout whose IDs cannot rise', () => {
  it('is served with a notice, and its IDs are unique', async () => {
    const notices: string[] = [];
    const layout = 'seq:4,worker:4,ts:44';
    const source = await open({ clock: new RunningClock(START), layout, onNotice: (text) => notices.push(text) });
    expect(new Set(idsOf(await source.next(100))).size).toBe(100);
    expect(notices).toEqual([expect.stringContaining('do not rise')]);
  });
});

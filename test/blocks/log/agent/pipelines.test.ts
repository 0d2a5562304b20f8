import { expect, test } from 'vitest';
import { decodeBatch } from '../../../../src/blocks/log/agent/batch/codec.js';
import type { AgentEvent } from '../../../../src/blocks/log/agent/events.js';
import {
  BufferedPipeline,
  type BufferedPipelineOptions,
} from '../../../../src/blocks/log/agent/pipeline/buffered-pipeline.js';
import type { Pipeline } from '../../../../src/blocks/log/agent/pipeline/pipeline.js';
import { StorePipeline } from '../../../../src/blocks/log/agent/pipeline/store-pipeline.js';
import { ShippedSince } from '../../../../src/blocks/log/agent/shipped.js';
import { makeLabels, NO_LABELS } from '../../../../src/blocks/log/labels.js';
import { listDeadLetters } from '../../../../src/blocks/log/store/agent/dead-letters.js';
import { claimPipeline } from '../../../../src/blocks/log/store/agent/pipelines.js';
import { requeueDeadLetters } from '../../../../src/blocks/log/store/agent/requeue.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { processIdentity } from '../../../../src/platform/daemon/process-identity.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { fileChunk, linesOf, liveChunk, ScriptedSink, type TestStore, testStore } from './fixtures.js';

const me = { pid: process.pid, identity: await processIdentity(process.pid) };

async function claimed(store: TestStore, name: string) {
  const claim = await claimPipeline(store.sql, { name, sink: name }, me, systemRandom);
  if (!claim.claimed) throw new Error(`${name} is held by ${claim.pid}`);
  return claim;
}

interface Rig<P extends Pipeline> {
  readonly pipeline: P;
  readonly events: AgentEvent[];
  readonly running: Promise<void>;
}

async function storePipeline(
  store: TestStore,
  clock = systemClock,
  lingerMs = 5,
): Promise<Rig<StorePipeline<unknown>>> {
  const events: AgentEvent[] = [];
  const pipeline = new StorePipeline({
    name: 'store',
    claim: await claimed(store, 'store'),
    store,
    tenant: 'fake',
    keeper: store,
    clock,
    lingerMs,
    labels: makeLabels([['job', 'test']]),
    transforms: [],
    tell: (event) => events.push(event),
  });
  return { pipeline, events, running: pipeline.run() };
}

async function bufferedPipeline(
  store: TestStore,
  sink: ScriptedSink,
  options: Partial<BufferedPipelineOptions> = {},
): Promise<Rig<BufferedPipeline>> {
  const events: AgentEvent[] = [];
  const name = options.name ?? 'scripted';
  const pipeline = new BufferedPipeline({
    name,
    claim: await claimed(store, name),
    store,
    keeper: store,
    sink,
    capacityBytes: 1e6,
    whenFull: 'block',
    clock: systemClock,
    random: systemRandom,
    lingerMs: 5,
    timeoutMs: 2_000,
    labels: NO_LABELS,
    transforms: [],
    tell: (event) => events.push(event),
    ...options,
  });
  return { pipeline, events, running: pipeline.run() };
}

async function finish({ pipeline, running }: Rig<Pipeline>): Promise<void> {
  pipeline.end();
  await running;
  await pipeline.close();
}

interface LedgerRow {
  readonly file: number;
  readonly from_offset: number;
  readonly to_offset: number;
  readonly lines: number;
  readonly entries: number;
  readonly dropped: string;
  readonly acknowledged_at: number | null;
}

const ledgerOf = (store: TestStore, { id }: Pipeline) =>
  store.sql
    .statement<[number], LedgerRow>(
      `SELECT file, from_offset, to_offset, lines, entries, dropped, acknowledged_at FROM ledger WHERE pipeline = ?
       ORDER BY file, from_offset`,
    )
    .all(id);

const totalsOf = (store: TestStore, { id }: Pipeline) =>
  store.sql.statement<[number], Record<string, number | string | null>>('SELECT * FROM pipelines WHERE id = ?').get(id);

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`);

test('the local store gets lines, checkpoint and ledger in one commit, and ranges that meet are one', async () => {
  const store = testStore();
  const rig = await storePipeline(store);
  let safe = 0;
  await rig.pipeline.take(fileChunk(1, 0, ['a', 'b'], () => safe++));
  await rig.pipeline.take(fileChunk(2, 100, ['x'], () => safe++));
  await waitFor(() => safe === 2);
  await rig.pipeline.take(fileChunk(1, 4, ['c']));
  await finish(rig);
  expect(store.lines()).toEqual(['a', 'b', 'x', 'c']);
  expect(store.position(1)).toBe(6);
  expect(ledgerOf(store, rig.pipeline)).toMatchObject([
    { file: 1, from_offset: 0, to_offset: 6, lines: 3, entries: 3 },
    { file: 2, from_offset: 100, to_offset: 102, lines: 1, entries: 1 },
  ]);
  expect(totalsOf(store, rig.pipeline)).toMatchObject({ read_entries: 4, delivered_entries: 4, holder_pid: null });
});

test('a lone line waits for others no longer than the linger time, whichever way the wall clock steps', async () => {
  const store = testStore();
  const clock = new ManualClock();
  const rig = await storePipeline(store, clock, 1_000);
  await rig.pipeline.take(liveChunk(['alone']));
  await waitFor(() => clock.sleeping === 1);
  clock.step(-3_600_000);
  clock.advance(999);
  expect(store.lines()).toEqual([]);
  clock.advance(1);
  await waitFor(() => store.lines().length === 1);
  await finish(rig);
});

test('while the disk is full nothing is lost, it is said once, and reading goes on when there is room', async () => {
  const store = testStore({ maxPages: 60 });
  const clock = new ManualClock();
  const rig = await storePipeline(store, clock, 0);
  const lines = Array.from({ length: 400 }, (_, i) => `${i} ${'x'.repeat(1_000)}`);
  await rig.pipeline.take(fileChunk(1, 0, lines));
  await waitFor(() => rig.events.length === 1 && clock.sleeping === 1);
  expect(rig.events[0]).toMatchObject({ kind: 'trouble', of: 'store', message: expect.stringContaining('no space') });
  expect(store.lines()).toEqual([]);
  clock.advance(1_000);
  await waitFor(() => clock.sleeping === 1);
  store.sql.statement('PRAGMA max_page_count = 100000').get();
  clock.advance(1_000);
  await finish(rig);
  expect(store.lines()).toEqual(lines);
  expect(rig.events.map(({ kind }) => kind)).toEqual(['trouble', 'recovered']);
});

test('a sink that hangs, resets or answers 503 does not hold up another one; what it did not take it gets later, in order', async () => {
  const store = testStore();
  const slow = new ScriptedSink();
  let attempts = 0;
  slow.answer = (_lines, _id, signal) => {
    attempts++;
    if (attempts === 1)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    if (attempts === 2) throw new Error('read ECONNRESET');
    if (attempts === 3) return { outcome: 'retry', reason: '503 Service Unavailable', afterMs: 20 };
    return { outcome: 'delivered' };
  };
  const quick = new ScriptedSink();
  const one = await bufferedPipeline(store, slow, { name: 'slow', timeoutMs: 30 });
  const other = await bufferedPipeline(store, quick, { name: 'quick' });
  const local = await storePipeline(store);
  for (const rig of [one, other, local]) {
    await rig.pipeline.take(fileChunk(1, 0, numbered(0, 10)));
    await rig.pipeline.take(fileChunk(1, 70, numbered(10, 20)));
  }
  await Promise.all([finish(other), finish(local)]);
  expect([quick.received, store.lines()]).toEqual([numbered(0, 20), numbered(0, 20)]);
  await finish(one);
  expect(slow.received).toEqual(numbered(0, 20));
  expect(new Set(slow.attempts.slice(0, 4).map(({ id }) => id)).size).toBe(1);
  expect(totalsOf(store, one.pipeline)).toMatchObject({ retries: 3, failures_in_row: 0, delivered_entries: 20 });
  expect(one.events.map(({ kind }) => kind)).toEqual(['trouble', 'recovered']);
  expect(ledgerOf(store, one.pipeline)).toMatchObject([
    { from_offset: 0, lines: 20, acknowledged_at: expect.any(Number) },
  ]);
});

test('Retry-After is heeded, and bounded', async () => {
  const store = testStore();
  const clock = new ManualClock();
  const sink = new ScriptedSink();
  const answers: { outcome: 'retry'; reason: string; afterMs: number }[] = [
    { outcome: 'retry', reason: '429', afterMs: 7_000 },
    { outcome: 'retry', reason: '429', afterMs: 1e12 },
    { outcome: 'retry', reason: '429', afterMs: 0 },
  ];
  sink.answer = () => answers.shift() ?? { outcome: 'delivered' };
  const random = { bytes: (length: number) => new Uint8Array(length) };
  const rig = await bufferedPipeline(store, sink, { clock, random, lingerMs: 0 });
  await rig.pipeline.take(liveChunk(['x']));
  await waitFor(() => sink.attempts.length === 1 && clock.sleeping === 1);
  clock.advance(6_999);
  expect(sink.attempts.length).toBe(1);
  clock.advance(1);
  await waitFor(() => sink.attempts.length === 2 && clock.sleeping === 1);
  clock.advance(5 * 60_000);
  await waitFor(() => sink.attempts.length === 3 && clock.sleeping === 1);
  clock.advance(999);
  expect(sink.attempts.length).toBe(3);
  clock.advance(1);
  await waitFor(() => sink.received.length === 1);
  await finish(rig);
});

test('the entries that are refused are found, and are dead letters; the others arrive', async () => {
  const store = testStore();
  const sink = new ScriptedSink();
  sink.answer = (lines) =>
    lines.some((line) => line.includes('poison'))
      ? { outcome: 'rejected', reason: 'bad entry' }
      : { outcome: 'delivered' };
  const rig = await bufferedPipeline(store, sink, { lingerMs: 60_000 });
  const lines = [...numbered(0, 50), 'poison 1', ...numbered(50, 90), 'poison 2'];
  await rig.pipeline.take(fileChunk(7, 0, lines.slice(0, 60)));
  await rig.pipeline.take(fileChunk(8, 0, lines.slice(60)));
  await finish(rig);
  expect(sink.received).toEqual(numbered(0, 90));
  const dead = listDeadLetters(store.sql, { limit: 10 });
  expect(dead).toMatchObject([{ pipeline: 'scripted', reason: 'bad entry', entries: 2 }]);
  expect(linesOf(await decodeBatch(dead[0]?.data ?? Buffer.alloc(0)))).toEqual(['poison 1', 'poison 2']);
  expect(ledgerOf(store, rig.pipeline)).toMatchObject([
    { file: 7, entries: 59, dropped: '{"refused by the sink":1}' },
    { file: 8, entries: 31, dropped: '{"refused by the sink":1}' },
  ]);
  expect(rig.events).toEqual([{ kind: 'refused', of: 'scripted', entries: 2, reason: 'bad entry', kept: true }]);
});

test.each([
  ['drop-oldest', (received: string[]) => received.includes('1 last') && !received.includes('1 second')],
  ['drop-newest', (received: string[]) => received.includes('1 second') && !received.includes('1 last')],
] as const)('a full buffer with %s: the sources never wait, and what is lost is counted', async (whenFull, isRight) => {
  const store = testStore();
  const sink = new ScriptedSink();
  let open = false;
  sink.answer = () => (open ? { outcome: 'delivered' } : { outcome: 'retry', reason: '503', afterMs: 10 });
  const rig = await bufferedPipeline(store, sink, { whenFull, capacityBytes: 3_000, lingerMs: 0 });
  const noise = (i: number, j: number) => `${i} ${j} ${Math.sin(i * 1000 + j)}`;
  let offset = 0;
  for (let i = 1; i <= 10; i++) {
    const lines = [
      i === 2 ? '1 second' : i === 10 ? '1 last' : `1 ${i}`,
      ...Array.from({ length: 40 }, (_, j) => noise(i, j)),
    ];
    let isSafe = false;
    const chunk = fileChunk(1, offset, lines, () => {
      isSafe = true;
    });
    offset = chunk.checkpoint?.offset ?? 0;
    await rig.pipeline.take(chunk);
    await waitFor(() => isSafe);
  }
  open = true;
  await finish(rig);
  expect(isRight(sink.received)).toBe(true);
  expect(sink.received.length).toBeLessThan(410);
  const lost = 410 - sink.received.length;
  expect(totalsOf(store, rig.pipeline)).toMatchObject({ dropped: JSON.stringify({ 'the buffer was full': lost }) });
  const [range, ...rest] = ledgerOf(store, rig.pipeline);
  expect(rest).toEqual([]);
  expect(range).toMatchObject({ from_offset: 0, to_offset: offset, lines: 410, entries: 410 - lost });
});

test('a full buffer with block: the source waits until the sink has taken something', async () => {
  const store = testStore();
  const sink = new ScriptedSink();
  let open = false;
  sink.answer = () => (open ? { outcome: 'delivered' } : { outcome: 'retry', reason: '503', afterMs: 10 });
  const rig = await bufferedPipeline(store, sink, { capacityBytes: 2_000, lingerMs: 0 });
  const safe: number[] = [];
  for (let i = 0; i < 5; i++) {
    const lines = Array.from({ length: 60 }, (_, j) => `${i} ${Math.sin(i * 1000 + j)}`);
    await rig.pipeline.take(fileChunk(i, 0, lines, () => safe.push(i)));
    if (i === 0) await waitFor(() => safe.length === 1 && sink.attempts.length > 0);
  }
  const before = sink.attempts.length;
  await waitFor(() => sink.attempts.length > before + 2);
  expect(safe.length).toBeLessThan(5);
  open = true;
  await finish(rig);
  expect(safe).toEqual([0, 1, 2, 3, 4]);
  expect(sink.received.length).toBe(300);
});

test('what a stop leaves in the buffer is sent by the next agent under the same batch id', async () => {
  const store = testStore();
  const dead = new ScriptedSink();
  dead.answer = () => ({ outcome: 'retry', reason: 'connect ECONNREFUSED' });
  const first = await bufferedPipeline(store, dead);
  await first.pipeline.take(liveChunk(['kept']));
  await waitFor(() => dead.attempts.length > 0);
  first.pipeline.stop();
  await first.running;
  expect(first.pipeline.waiting).toBe(1);
  await first.pipeline.close();

  const alive = new ScriptedSink();
  const second = await bufferedPipeline(store, alive);
  await finish(second);
  expect(alive.attempts).toEqual([{ id: dead.attempts[0]?.id, lines: ['kept'] }]);
});

test('a pipeline is run by one process, and that of one that was killed is taken over at once', async () => {
  const store = testStore();
  const pipeline = { name: 'store', sink: 'store' };
  const first = await claimPipeline(store.sql, pipeline, me, systemRandom);
  expect(await claimPipeline(store.sql, pipeline, me, systemRandom)).toEqual({ claimed: false, pid: process.pid });
  // As a process of another boot, or an earlier one with that number, would have left it.
  store.sql.statement("UPDATE pipelines SET holder_identity = 'gone'").run();
  expect(await claimPipeline(store.sql, pipeline, me, systemRandom)).toEqual(first);
});

test('who is taken over from by a process that does not see it ends, and writes and delivers nothing more', async () => {
  const store = testStore();
  const sink = new ScriptedSink();
  let answer: (delivery: { outcome: 'delivered' }) => void = () => {};
  sink.answer = () => new Promise((resolve) => (answer = resolve));
  const rigs = [await storePipeline(store), await bufferedPipeline(store, sink)];
  const ends = rigs.map(({ running }) => expect(running).rejects.toMatchObject({ code: 'log.pipeline_held' }));
  for (const { pipeline } of rigs) await pipeline.take(fileChunk(1, 0, ['before']));
  await waitFor(() => sink.attempts.length === 1 && store.lines().length === 1);
  store.sql.statement("UPDATE pipelines SET holder_pid = 1, holder_identity = 'of another container'").run();
  answer({ outcome: 'delivered' });
  for (const { pipeline } of rigs) await pipeline.take(fileChunk(1, 7, ['after']));
  await Promise.all(ends);
  for (const { pipeline } of rigs) await pipeline.close();
  expect(store.lines()).toEqual(['before']);
  expect(ledgerOf(store, rigs[1]?.pipeline as Pipeline)).toMatchObject([{ to_offset: 7, acknowledged_at: null }]);
  expect(totalsOf(store, rigs[0]?.pipeline as Pipeline)).toMatchObject({ holder_pid: 1 });
});

test('a batch is sent when it is flushed, not when it is committed: a power loss would give its id to another one', async () => {
  const store = testStore();
  const sink = new ScriptedSink();
  let answer: (delivery: { outcome: 'delivered' }) => void = () => {};
  sink.answer = () => new Promise((resolve) => (answer = resolve));
  let flush = () => {};
  let committed = 0;
  const slow: Pick<TestStore, 'sql' | 'commit'> = {
    sql: store.sql,
    commit: async (work) => {
      const result = await store.commit(work);
      if (++committed === 2) await new Promise<void>((resolve) => (flush = resolve));
      return result;
    },
  };
  const rig = await bufferedPipeline(store, sink, { store: slow, lingerMs: 0 });
  await rig.pipeline.take(liveChunk(['one']));
  await waitFor(() => sink.attempts.length === 1);
  await rig.pipeline.take(liveChunk(['two']));
  await waitFor(() => committed === 2);
  answer({ outcome: 'delivered' });
  await waitFor(() => sink.received.length === 1 && rig.pipeline.waiting === 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sink.attempts.length).toBe(1);
  flush();
  await waitFor(() => sink.attempts.length === 2);
  answer({ outcome: 'delivered' });
  await finish(rig);
  expect(sink.received).toEqual(['one', 'two']);
});

test('dead letters are sent again when that is asked for, and refused again are counted again, as no others that are dropped', async () => {
  const store = testStore();
  const begun = new ShippedSince(store.sql);
  const sink = new ScriptedSink();
  sink.answer = () => ({ outcome: 'rejected', reason: 'not now' });
  const first = await bufferedPipeline(store, sink);
  await first.pipeline.take(liveChunk(['a', 'b']));
  await finish(first);
  expect(sink.received).toEqual([]);

  expect(begun.of(['scripted'])).toMatchObject([{ lines: 2, delivered: 0, dropped: 0, refused: 2 }]);

  const again = async () => {
    const since = new ShippedSince(store.sql);
    expect(requeueDeadLetters(store.sql, { ...(await claimed(store, 'scripted')), name: 'scripted' }, 0)).toBe(2);
    expect(listDeadLetters(store.sql, { limit: 10 })).toEqual([]);
    store.sql.statement('UPDATE pipelines SET holder_pid = NULL').run();
    await finish(await bufferedPipeline(store, sink));
    return since.of(['scripted']);
  };
  expect(await again()).toMatchObject([{ lines: 0, delivered: 0, dropped: 0, refused: 2 }]);
  sink.answer = () => ({ outcome: 'delivered' });
  expect(await again()).toMatchObject([{ lines: 0, delivered: 2, dropped: 0, refused: 0 }]);
  expect(sink.received).toEqual(['a', 'b']);
});

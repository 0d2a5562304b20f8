/** Whatever clocks do and whenever holders die: no ID is made twice, and those of one source rise. */
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { idsToStrings } from '../../../src/blocks/seq/batch.js';
import { resolveLayout } from '../../../src/blocks/seq/index.js';
import type { WorkerRegistry } from '../../../src/blocks/seq/sequencer.js';
import { type ClockBackPolicy, type IdSource, openIdSource } from '../../../src/blocks/seq/source.js';
import { openSequencerStore } from '../../../src/blocks/seq/store.js';
import { systemRandom } from '../../../src/platform/clock.js';
import { MemoryWorkers } from '../../helpers/memory-workers.js';
import { RunningClock } from '../../helpers/running-clock.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

type Step =
  | { readonly do: 'take'; readonly source: number; readonly count: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'step'; readonly ms: number }
  /** Dropped without release, as by `kill -9`. */
  | { readonly do: 'kill'; readonly source: number }
  | { readonly do: 'restart'; readonly source: number };

const SOURCES = 3;
const source = fc.nat(SOURCES - 1);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('take' as const), source, count: fc.integer({ min: 1, max: 40 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(0, 1, 9, 400, 30_000) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('step' as const),
        ms: fc.constantFrom(-90_000, -700, -10, -1, 1, 700, 90_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.record({ do: fc.constant('kill' as const), source }),
        fc.record({ do: fc.constant('restart' as const), source }),
      ),
    },
  ),
  { maxLength: 40 },
);

interface World {
  readonly layout: string;
  readonly policy: ClockBackPolicy;
}

const worlds: fc.Arbitrary<World> = fc.record({
  // A small sequence, so that ticks run out; few workers, so that numbers are given again.
  layout: fc.constantFrom('ts:44,worker:2,seq:4', 'ts:40@10ms,seq:3,worker:2', 'ts:44,worker:10', 'ulid', 'xid'),
  policy: fc.constantFrom('wait' as const, 'borrow' as const),
});

class Theatre {
  readonly clock: RunningClock;
  readonly workers: WorkerRegistry;
  readonly sources = new Map<number, IdSource>();
  readonly seen = new Set<string>();
  readonly lastOf = new Map<IdSource, string>();
  readonly world: World;

  constructor(world: World, clock: RunningClock, workers: WorkerRegistry) {
    this.world = world;
    this.clock = clock;
    this.workers = workers;
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'advance':
        return this.clock.advance(step.ms);
      case 'step':
        return this.clock.step(step.ms);
      case 'take':
        return this.take(step.source, step.count);
      case 'restart':
        await this.sources.get(step.source)?.close();
        this.sources.delete(step.source);
        return;
      case 'kill':
        this.sources.delete(step.source);
    }
  }

  async take(index: number, count: number): Promise<void> {
    const source = this.sources.get(index) ?? (await this.open());
    this.sources.set(index, source);
    for (const id of idsToStrings(await source.next(count), source.layout.family === 'integer' ? 'hex' : 'canonical')) {
      expect(this.seen.has(id)).toBe(false);
      expect(id > (this.lastOf.get(source) ?? '')).toBe(true);
      this.seen.add(id);
      this.lastOf.set(source, id);
    }
  }

  open(): Promise<IdSource> {
    return openIdSource({
      layout: resolveLayout(this.world.layout),
      workers: this.workers,
      clock: this.clock,
      random: systemRandom,
      holder: 'test',
      onClockBack: this.world.policy,
      maxWaitMs: Number.MAX_SAFE_INTEGER,
      reserveMs: 100,
      keepLease: false,
    });
  }
}

const NOW = Date.UTC(2026, 0, 1);

it('over the rules in memory', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, steps, async (world, script) => {
      const clock = new RunningClock(NOW);
      const theatre = new Theatre(world, clock, new MemoryWorkers(clock));
      for (const step of script) await theatre.play(step);
    }),
    { numRuns: 300 },
  );
});

it('over the SQLite file', async () => {
  const folder = temporaryFolder();
  let files = 0;
  await fc.assert(
    fc.asyncProperty(worlds, steps, async (world, script) => {
      const clock = new RunningClock(NOW);
      files++;
      const store = openSequencerStore({ path: join(folder, `${files}.db`), clock, machine: 'here', sync: 'normal' });
      const theatre = new Theatre(world, clock, store.workers);
      try {
        for (const step of script) await theatre.play(step);
      } finally {
        await store.close();
      }
    }),
    { numRuns: 25 },
  );
});

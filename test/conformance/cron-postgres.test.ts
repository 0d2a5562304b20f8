import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresLedger } from '../../src/blocks/cron/remote/postgres.js';
import { systemClock } from '../../src/platform/clock.js';
import { ledgerContract } from '../blocks/cron/contract.js';
import { jobSpec, leader, letSlotsCome, type Place, take } from '../blocks/cron/contract-world.js';
import { ManualClock } from '../helpers/manual-clock.js';
import { type PostgresServer, startPostgresServer } from '../helpers/postgres-server.js';
import { hasPackages } from '../helpers/programs.js';
import { waitFor } from '../helpers/wait-for.js';

let server: PostgresServer;
let places = 0;

/** A schema of its own, by a clock that the test moves. */
async function makePlace(): Promise<Place> {
  const clock = new ManualClock();
  const url = newPlace();
  return {
    clock,
    async open() {
      const ledger = await openPostgresLedger(url, { clock, wall: () => clock.now() });
      onTestFinished(() => ledger.close());
      return ledger;
    },
  };
}

function newPlace(): string {
  places++;
  return `${server.url}?schema=place_${places}`;
}

async function open(url: string) {
  const ledger = await openPostgresLedger(url, { clock: systemClock });
  onTestFinished(() => ledger.close());
  return ledger;
}

describe.runIf(hasPackages('postgresql'))('a ledger in PostgreSQL', () => {
  beforeAll(async () => {
    server = await startPostgresServer();
  }, 60_000);
  afterAll(() => server.stop());

  ledgerContract(makePlace);

  it('goes by the clock of the server, and shows no password', async () => {
    const ledger = await open(newPlace().replace('ds@', 'ds:secret@'));
    expect(Math.abs(ledger.now() - Date.now())).toBeLessThan(50);
    expect(ledger.place).toBe(`${server.url}?schema=place_${places}`);
  });

  it('is made once by many who open it at the same time', async () => {
    const url = newPlace();
    const ledgers = await Promise.all(Array.from({ length: 6 }, () => open(url)));
    await Promise.all(ledgers.map((ledger, index) => ledger.put(jobSpec(`job-${index}`))));
    expect(await ledgers[0]?.list()).toHaveLength(6);
  });

  it('is used by many at once: every run is taken by one of them, and none is lost to a lock', async () => {
    const place = await makePlace();
    const ledgers = await Promise.all(Array.from({ length: 4 }, () => place.open()));
    const [ledger] = ledgers;
    if (ledger === undefined) throw new Error('not opened');
    const names = Array.from({ length: 60 }, (_, index) => `job-${index}`);
    const put = names.map((name, index) => jobSpec(name, { mutexes: index % 3 === 0 ? [`m${index % 2}`, 'all'] : [] }));
    await ledger.apply({ put, remove: [] });
    await letSlotsCome(place, ledger, ...names);
    const starts = new Map<number, number>();
    const work = async (index: number) => {
      const own = ledgers[index] ?? ledger;
      const worker = `worker-${index}`;
      while (starts.size < names.length) {
        const claims = await own.claim(worker, 5, 60_000);
        const ids = claims.map(({ run }) => run.id);
        for (const id of ids) starts.set(id, (starts.get(id) ?? 0) + 1);
        const [ended] = await Promise.all([
          own.finish(
            claims.map((claim) => ({
              claim,
              outcome: { kind: 'succeeded' },
              finishedAt: place.clock.now(),
              outputBytes: 0,
            })),
          ),
          own.heartbeat(worker, 5, ids, 60_000),
        ]);
        expect(ended).toEqual(claims.map(() => true));
      }
    };
    await Promise.all(ledgers.map((_, index) => work(index)));
    expect([...starts.values()]).toEqual(names.map(() => 1));
    expect((await ledger.status()).day).toEqual({ succeeded: 60 });
  });

  it('is gone on with when the server is back, with all that was acknowledged', async () => {
    const url = newPlace();
    const ledger = await open(url);
    let calls = 0;
    ledger.onChange(() => {
      calls++;
    });
    await ledger.put(jobSpec('a'));
    await waitFor(() => calls > 0);
    await ledger.trigger('a');
    await server.restart();
    await waitFor(async () => (await ledger.list()).length === 1, { timeoutMs: 20_000 });
    expect((await take(ledger)).run).toMatchObject({ job: 'a', trigger: 'manual' });
    // Whoever listened hears of others again.
    const before = calls;
    await waitFor(() => calls > before, { timeoutMs: 20_000 });
    const other = await open(url);
    const now = calls;
    await other.put(jobSpec('b'));
    await waitFor(() => calls > now);
  });

  it('says why there is none', async () => {
    const lost = { code: 'cron.database_unreachable' };
    const clock = systemClock;
    await expect(openPostgresLedger('postgres://ds:secret@127.0.0.1:1/x', { clock })).rejects.toMatchObject({
      ...lost,
      message: expect.stringMatching(/^postgres:\/\/ds@127.0.0.1:1\/x: connect ECONNREFUSED/),
    });
    await expect(openPostgresLedger(server.url.replace(/postgres$/, 'none'), { clock })).rejects.toMatchObject({
      ...lost,
      message: expect.stringMatching(/database "none" does not exist/),
    });
    for (const url of ['nonsense', 'mysql://x/y', `${server.url}?schema=a-b`, `${server.url}?schema=pg_x`])
      await expect(openPostgresLedger(url, { clock })).rejects.toMatchObject({ code: 'peer.bad_url' });
    await expect(
      openPostgresLedger(server.url, { clock, signal: AbortSignal.abort(new Error('no time')) }),
    ).rejects.toThrow('no time');
  });

  it('of a newer version is left alone', async () => {
    const url = newPlace();
    await (await open(url)).close();
    const { Client } = (await import('pg')).default;
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(`UPDATE place_${places}.meta SET version = 99`);
    await client.end();
    await expect(openPostgresLedger(url, { clock: systemClock })).rejects.toMatchObject({
      code: 'storage.newer_schema',
    });
  });

  it('settles the slots of a long outage within one transaction', async () => {
    const place = await makePlace();
    const ledger = await place.open();
    await ledger.put(jobSpec('a'));
    const [job] = await ledger.due(Number.MAX_SAFE_INTEGER, 1);
    if (job === undefined) throw new Error('not due');
    const slots = Array.from({ length: 50_000 }, (_, index) => {
      const slot = job.nextAt + index;
      return { slot, dueAt: slot, state: 'missed', reason: 'nobody ran\0it \ud800' } as const;
    });
    const accountedUntil = job.nextAt + 50_000;
    await ledger.settle(await leader(ledger), [{ job, trigger: 'schedule', slots, accountedUntil }]);
    expect((await ledger.runs({ limit: 1 }))[0]).toMatchObject({
      slot: job.nextAt + 49_999,
      reason: 'nobody ran\ufffdit \ufffd',
    });
  });
});

import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { DnsCounts } from '../../../../src/blocks/dns/server/counts.js';
import { askDaemons } from '../../../../src/blocks/dns/server/live-counts.js';
import { registerMetrics } from '../../../../src/blocks/dns/server/metrics.js';
import { startAdmin } from '../../../../src/platform/daemon/admin.js';
import { register } from '../../../../src/platform/daemon/registry.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

const startedAt = '2025-06-15T12:00:00.000Z';

async function admin(counts: DnsCounts, secret?: string): Promise<string> {
  const metrics = new Registry();
  const connections = () => ({ tcp: 0, tls: 0, https: 0 });
  registerMetrics(metrics, counts, { zones: () => 0, hotAnswers: () => 0, targets: () => ({}), connections });
  const { url, close } = await startAdmin({
    address: { host: '127.0.0.1', port: 0 },
    metrics,
    checkReady: async () => {},
    open: false,
    ...(secret === undefined ? {} : { secret }),
  });
  onTestFinished(close);
  return url;
}

async function registered(home: string, db: string, url?: string): Promise<void> {
  const endpoints = [
    { name: 'udp', url: 'udp://127.0.0.1:1053' },
    ...(url === undefined ? [] : [{ name: 'admin', url }]),
  ];
  await register(home, { block: 'dns', pid: process.pid, state: 'running', endpoints, db, startedAt, version: '0' });
}

test('the daemon on the file tells its counts, the most frequent first', async () => {
  const home = temporaryFolder();
  const db = join(home, 'dns.db');
  const counts = new DnsCounts();
  counts.queries.udp = 7;
  counts.answer(1, 3, 'zone').count = 2;
  counts.answer(28, 0, 'cache').count = 5;
  await registered(home, db, await admin(counts));
  expect(await askDaemons(home, db)).toEqual([
    {
      pid: process.pid,
      startedAt,
      queries: { udp: 7, tcp: 0, tls: 0, https: 0 },
      responses: [
        { type: 'AAAA', rcode: 'NOERROR', source: 'cache', count: 5 },
        { type: 'A', rcode: 'NXDOMAIN', source: 'zone', count: 2 },
      ],
    },
  ]);
  expect(await askDaemons(home, join(home, 'other.db'))).toEqual([]);
});

test('one that does not tell says why', async () => {
  const home = temporaryFolder();
  const db = join(home, 'dns.db');
  await registered(home, db);
  expect(await askDaemons(home, db)).toEqual([{ pid: process.pid, startedAt, problem: 'it has no admin endpoint' }]);
  await registered(home, db, await admin(new DnsCounts(), 'secret'));
  expect(await askDaemons(home, db)).toEqual([
    { pid: process.pid, startedAt, problem: expect.stringContaining('a bearer token is needed') },
  ]);
});

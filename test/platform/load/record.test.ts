import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/platform/clock.js';
import { httpDriver } from '../../../src/platform/load/http/driver.js';
import { LoadRecord } from '../../../src/platform/load/record.js';
import { type LoadPlan, runLoad } from '../../../src/platform/load/run.js';
import { constantRate } from '../../../src/platform/load/schedule.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { httpServer } from './http-servers.js';

test('a record holds what the report says, second by second, of one run after another', async () => {
  const path = join(temporaryFolder(), 'runs.db');
  let seen = 0;
  const { url } = await httpServer((_, response) => {
    response.statusCode = ++seen % 4 === 0 ? 429 : 200;
    response.end('body');
  });
  const plan: LoadPlan = {
    schedule: constantRate({ count: 100, perMs: 1000 }),
    connections: 4,
    durationMs: 1500,
    warmupMs: 0,
    timeoutMs: 2000,
  };
  const driver = () =>
    httpDriver({
      url,
      method: 'GET',
      headers: [],
      body: undefined,
      userAgent: 'ds',
      clock: systemClock,
      timeoutMs: 2000,
      verify: true,
    });
  const results = [];
  for (const startedAt of [1000, 2000]) {
    const record = LoadRecord.open(path, { ...plan, startedAt, target: url, pipeline: 1 });
    const signal = new AbortController().signal;
    const result = await runLoad({
      ...plan,
      driver: driver(),
      clock: systemClock,
      signal,
      onSecond: (second) => record.second(second),
    });
    record.end(result);
    record.close();
    results.push(result);
  }

  const db = new Database(path, { readonly: true });
  try {
    expect(db.prepare('SELECT started_at, target, rate_per_s, ended FROM run').all()).toEqual([
      { started_at: 1000, target: url, rate_per_s: 100, ended: 'done' },
      { started_at: 2000, target: url, rate_per_s: 100, ended: 'done' },
    ]);
    const sums =
      'SELECT sum(sent) AS sent, sum(answered) AS answered, sum(received_bytes) AS bytes FROM second WHERE run = ?';
    const outcomes = 'SELECT outcome, sum(count) AS count FROM outcome WHERE run = ? GROUP BY outcome ORDER BY outcome';
    const latencies =
      'SELECT corrected, sum(count) AS count FROM latency WHERE run = ? GROUP BY corrected ORDER BY corrected';
    for (const [i, result] of results.entries()) {
      const { sent, answered, receivedBytes } = result;
      expect(db.prepare(sums).get(i + 1)).toEqual({ sent, answered, bytes: receivedBytes });
      expect(db.prepare(outcomes).all(i + 1)).toEqual(
        [...result.codes].map(([code, count]) => ({ outcome: String(code), count })),
      );
      expect(db.prepare(latencies).all(i + 1)).toEqual([
        { corrected: 0, count: answered },
        { corrected: 1, count: answered },
      ]);
    }
  } finally {
    db.close();
  }
});

/** What the daemon leaves out so that the rest is answered: damaged blocks, and answers that nobody takes. */
import { expect, test } from 'vitest';
import { QueryTurns } from '../../../../src/blocks/log/server/query-turns.js';
import { UnsentAnswers } from '../../../../src/blocks/log/server/unsent-answers.js';
import { logFile } from '../../../../src/blocks/log/store/schema.js';
import { openStore } from '../../../../src/platform/store/store.js';
import { serve } from './serve.js';

test('a damaged block is left out of the answer, which says so as Loki does; it is counted once', async () => {
  const { push, json, metrics, daemon } = await serve();
  const T = 1_700_000_000_000_000_000n;
  for (const line of ['one', 'two', 'three']) await push([{ stream: { app: 'a' }, values: [[String(T), line]] }]);
  const other = openStore(logFile, { path: daemon.db ?? '', closing: 'leave' });
  other.write(() => other.statement<[]>('UPDATE blocks SET crc = crc + 1 WHERE id = 2').run());
  other.close();
  const range = `start=${T - 1n}&end=${T + 1_000_000_000n}`;
  const warnings = ['1 block is damaged and left out: see the log of ds log serve'];
  expect(await json(`/loki/api/v1/query_range?query={app="a"}&direction=forward&${range}`)).toMatchObject({
    status: 'success',
    warnings,
    data: {
      result: [
        {
          values: [
            [String(T), 'one'],
            [String(T), 'three'],
          ],
        },
      ],
    },
  });
  const counted = await json(`/loki/api/v1/query?query=count_over_time({app="a"}[1m])&time=${T + 1_000_000_000n}`);
  expect(counted).toMatchObject({ warnings, data: { result: [{ value: [expect.anything(), '2'] }] } });
  for (const path of ['index/volume', 'index/volume_range', 'detected_fields', 'detected_field/a/values']) {
    expect(await json(`/loki/api/v1/${path}?query={app="a"}&${range}`)).toMatchObject({ warnings });
  }
  expect(await metrics.getSingleMetricAsString('ds_log_damaged_blocks')).toContain('ds_log_damaged_blocks 1');
});

/** A query whose answer is taken at once. */
const read = { grant: { tenant: 'a' }, answerSize: 1, sent: Promise.resolve(), cut() {} };

/** A query whose answer nobody takes until it is cut. */
function unread(tenant: string, answerSize: number) {
  let end = () => {};
  const sent = new Promise<void>((resolve) => {
    end = resolve;
  });
  const call = {
    grant: { tenant },
    answerSize,
    sent,
    signal: new AbortController().signal,
    isCut: false,
    cut() {
      call.isCut = true;
      end();
    },
    end: () => end(),
  };
  return call;
}

test('who does not read an answer keeps nobody from asking, and loses the oldest of what is too much', async () => {
  const turns = new QueryTurns(new UnsentAnswers(10));
  const own = unread('b', 3);
  const greedy = Array.from({ length: 20 }, () => unread('a', 1));
  let ran = 0;
  const all = [own, ...greedy].map((call) => turns.take(call, async () => void ran++));
  await expect.poll(() => ran).toBe(21);
  await Promise.all(all.slice(1, 14));
  expect(greedy.map(({ isCut }) => isCut)).toEqual(greedy.map((_, i) => i < 13));
  expect(own.isCut).toBe(false);
  for (const call of [own, ...greedy]) call.end();
  await Promise.all(all);
});

test('who has gone keeps no place among those that wait, and never more run at once than have a turn', async () => {
  const turns = new QueryTurns();
  let [running, most, ran] = [0, 0, 0];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ask = (signal = new AbortController().signal) =>
    turns.take({ ...read, signal }, async () => {
      most = Math.max(most, ++running);
      await held;
      running--;
      ran++;
    });
  const first = Array.from({ length: 8 }, () => ask());
  const peers = Array.from({ length: 128 }, () => new AbortController());
  const left = peers.map(({ signal }) => ask(signal));
  await expect(ask()).rejects.toMatchObject({ code: 'log.overloaded' });
  for (const peer of peers) peer.abort();
  await Promise.all(left);
  const waiting = Array.from({ length: 128 }, () => ask());
  // Who comes just when a turn is handed over takes none of it.
  const late = first.map((query) => query.then(() => ask()));
  release();
  await Promise.all([...first, ...waiting, ...late]);
  expect([most, ran]).toEqual([8, 144]);
});

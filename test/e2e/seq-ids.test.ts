/** `ds seq next`, `decode`, `range`, `plan` as processes on a file. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runDs, runDsJson, spawnDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

const isRising = (ids: readonly bigint[]) => ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? id));

describe('ds seq next', () => {
  test('prints one ID a line, rising within a process and from one process to the next', async () => {
    const home = temporaryFolder();
    const runs: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { code, stdout, stderr } = await runDs(['seq', 'next', '-n', '5000'], { home });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      runs.push(stdout);
    }
    const ids = lines(runs.join('')).map(BigInt);
    expect(ids).toHaveLength(15_000);
    expect(isRising(ids)).toBe(true);
  });

  test('short-lived processes beside each other never print the same ID', async () => {
    const home = temporaryFolder();
    const all: string[] = [];
    const worker = async () => {
      for (let i = 0; i < 8; i++) {
        const { stdout } = await runDs(['seq', 'next', '-n', '200'], { home });
        all.push(...lines(stdout));
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(all).toHaveLength(4 * 8 * 200);
    expect(new Set(all).size).toBe(all.length);
  }, 60_000);

  test('gives the worker number back at its end', async () => {
    const home = temporaryFolder();
    await runDs(['seq', 'next'], { home });
    const listed = await runDsJson(['seq', 'worker', 'list'], { home });
    expect(listed).toMatchObject({ workers: [{ layout: 'twitter', worker: 0, state: 'released' }] });
  });

  test('--json prints one object a line with the ID as a string', async () => {
    const { stdout } = await runDs(['seq', 'next', '-n', '2', '--json']);
    const records = lines(stdout).map((line) => JSON.parse(line));
    expect(records).toEqual([{ id: expect.stringMatching(/^\d{19}$/) }, { id: expect.stringMatching(/^\d{19}$/) }]);
  });

  test.each([
    ['twitter', /^\d{15,19}$/],
    ['discord', /^\d{15,19}$/],
    ['instagram', /^\d{15,19}$/],
    ['sonyflake', /^\d{15,19}$/],
    ['sonyflake2', /^\d{15,19}$/],
    ['mastodon', /^\d{15,19}$/],
    ['tsid', /^\d{15,19}$/],
    ['js53', /^\d{15,19}$/],
    ['uuid7', /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['ulid', /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/],
    ['ksuid', /^[0-9A-Za-z]{27}$/],
    ['xid', /^[0-9a-v]{20}$/],
    ['ts:41@1ms,worker:10,seq:12;epoch=2020-01-01', /^\d{15,19}$/],
  ])('makes %s IDs that decode to now', async (layout, pattern) => {
    const home = temporaryFolder();
    const { stdout } = await runDs(['seq', 'next', '-n', '3', '--layout', layout], { home });
    const ids = lines(stdout);
    for (const id of ids) expect(id).toMatch(pattern);
    const decoded = await runDs(['seq', 'decode', '--layout', layout, ...ids]);
    for (const line of lines(decoded.stdout)) {
      const time = Date.parse(line.split('\t')[2] ?? '');
      expect(Math.abs(Date.now() - time)).toBeLessThan(60_000);
    }
  });

  test('binary IDs are eight big-endian bytes each and nothing between', async () => {
    const child = spawnDs(['seq', 'next', '-n', '3', '--format', 'binary'], { home: temporaryFolder() });
    child.stdin.end();
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(child, 'close');
    const bytes = Buffer.concat(chunks);
    expect(bytes).toHaveLength(24);
    const ids = [0, 8, 16].map((at) => bytes.readBigUInt64BE(at));
    expect(isRising(ids)).toBe(true);
    const decoded = await runDs(['seq', 'decode', '--layout', 'twitter', ...ids.map(String)]);
    expect(decoded.code).toBe(0);
  });

  test('ends at once and quietly when the reader has seen enough', async () => {
    const home = temporaryFolder();
    const child = spawnDs(['seq', 'next', '-n', '9000000000000000'], { home });
    child.stdin.end();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const listed = await runDsJson(['seq', 'worker', 'list'], { home });
    expect(listed).toMatchObject({ workers: [{ state: 'released' }] });
  });

  test('an interrupt ends it with 130 and the worker number is given back', async () => {
    const home = temporaryFolder();
    const child = spawnDs(['seq', 'next', '-n', '9000000000000000'], { home });
    child.stdin.end();
    child.stdout.resume();
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    const listed = await runDsJson(['seq', 'worker', 'list'], { home });
    expect(listed).toMatchObject({ workers: [{ state: 'released' }] });
  });

  test.each([
    [['-n', '-1'], '--count'],
    [['-n', '0'], '--count'],
    [['-n', '9007199254740993'], '--count'],
    [['-n', '99999999999999999999999999'], '--count'],
    [['-n', 'many'], '"many"'],
    [['--layout', 'twiter'], 'twiter'],
    [['--layout', 'ts:41@1ms,worker:30,seq:12'], '83 bits'],
    [['--worker', '1024'], '1024'],
    [['--worker', '-1'], '--worker'],
    [['--format', 'roman'], 'roman'],
    [['--on-clock-back', 'panic'], 'panic'],
    [['--timeout', '5 parsecs'], '5 parsecs'],
    [['--url', 'gopher://127.0.0.1'], 'gopher'],
    [['--url', 'redis://127.0.0.1:6390', '--db', 'x.db'], '--db'],
    [['--json', '--format', 'binary'], 'binary'],
  ])('refuses %j as bad usage and says what was wrong', async (args, value) => {
    const { code, stdout, stderr } = await runDs(['seq', 'next', ...args]);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain(value);
    if (!args.includes('--json')) expect(stderr).toMatch(/^error: [^A-Z].*[^.]\n/);
  });

  test('a file from another machine is refused with the way out', async () => {
    const home = temporaryFolder();
    const { openSequencerStore } = await import('../../src/blocks/seq/store.js');
    const { systemClock } = await import('../../src/platform/clock.js');
    const store = openSequencerStore({ path: `${home}/seq.db`, clock: systemClock, machine: 'another machine' });
    await store.close();
    const { code, stderr } = await runDs(['seq', 'next'], { home });
    expect(code).toBe(4);
    expect(stderr).toContain('ds seq adopt');
  });
});

describe('ds seq decode', () => {
  test("Discord's documented example", async () => {
    expect(await runDsJson(['seq', 'decode', '105484726235607040', '--layout', 'discord'])).toMatchObject({
      id: '105484726235607040',
      layout: 'discord',
      time: '2015-10-19T01:58:38.546Z',
    });
    expect(await runDsJson(['seq', 'decode', '90339695967350784', '--layout', 'discord'])).toEqual({
      input: '90339695967350784',
      id: '90339695967350784',
      layout: 'discord',
      format: 'dec',
      time: new Date(1441609061949).toISOString(),
      fields: { timestamp: 21538661949, worker: 0, process: 3, increment: 0 },
    });
  });

  test('without a layout the likeliest comes first, and one is a line in a pipe', async () => {
    const { stdout } = await runDs(['seq', 'decode', '105484726235607040']);
    const rows = lines(stdout).map((line) => line.split('\t'));
    expect(rows[0]?.slice(0, 3)).toEqual(['105484726235607040', 'discord', '2015-10-19T01:58:38.546Z']);
    expect(rows.length).toBeGreaterThan(1);
  });

  test('reads IDs from stdin, with and without the dash', async () => {
    const input = '105484726235607040\r\n\n90339695967350784\n';
    for (const args of [['-'], []]) {
      const { stdout } = await runDs(['seq', 'decode', ...args, '--layout', 'discord'], { input });
      expect(lines(stdout).map((line) => line.split('\t')[0])).toEqual(['105484726235607040', '90339695967350784']);
    }
  });

  test.each([
    ['8ZZZZZZZZZZZZZZZZZZZZZZZZZ', 'ulid'],
    ['18446744073709551616', 'twitter'],
    ['9223372036854775808', 'twitter'],
    ['-5', undefined],
    ['', undefined],
    ['hello, world!', undefined],
    ['\u001b[31mred', undefined],
  ])('refuses %j, which is no ID', async (id, layout) => {
    const { code, stderr } = await runDs([
      'seq',
      'decode',
      ...(layout === undefined ? [] : ['--layout', layout]),
      '--',
      id,
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: /);
  });

  test('names the line of stdin that is no ID', async () => {
    const { code, stderr } = await runDs(['seq', 'decode', '-'], { input: '105484726235607040\nnonsense!\n' });
    expect(code).toBe(2);
    expect(stderr).toContain('nonsense!');
    expect(stderr).toContain('line 2');
  });
});

describe('ds seq range', () => {
  test('the ends belong to the span and enclose every ID made in it', async () => {
    const home = temporaryFolder();
    const from = Date.now();
    const { stdout } = await runDs(['seq', 'next', '-n', '100'], { home });
    const range = await runDs(['seq', 'range', '--from', `${from}`, '--to', `${Date.now()}`]);
    const [smallest = '', largest = ''] = range.stdout.trim().split('\t');
    for (const id of lines(stdout).map(BigInt)) {
      expect(id >= BigInt(smallest) && id <= BigInt(largest)).toBe(true);
    }
  });

  test('--json has strings for the IDs and ISO times', async () => {
    const args = ['seq', 'range', '--from', '2015-10-19', '--to', '2015-10-20', '--layout', 'discord'];
    expect(await runDsJson(args)).toEqual({
      layout: 'discord',
      from: '2015-10-19T00:00:00.000Z',
      to: '2015-10-20T00:00:00.000Z',
      smallest: expect.stringMatching(/^\d+$/),
      largest: expect.stringMatching(/^\d+$/),
      exact: true,
    });
  });

  test.each([
    [['--from', '2026-01-02', '--to', '2026-01-01']],
    [['--from', '1969-01-01', '--to', '1969-02-01']],
    [['--from', 'x']],
    [[]],
  ])('refuses %j', async (args) => {
    const { code, stderr } = await runDs(['seq', 'range', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: /);
  });
});

describe('ds seq plan', () => {
  test('says yes with 0 and no with 1, and why', async () => {
    const yes = await runDs(['seq', 'plan', '--workers', '20', '--rate', '50000/s', '--json']);
    expect(yes.code).toBe(0);
    expect(JSON.parse(yes.stdout)).toMatchObject({
      layout: 'twitter',
      fits: true,
      exhausts_at: '2080-07-10T17:30:30.209Z',
      ceiling_per_worker: 4_096_000,
      ceiling: 81_920_000,
      problems: [],
    });
    const no = await runDs(['seq', 'plan', '--layout', 'sonyflake', '--workers', '2', '--rate', '1000000/s', '--json']);
    expect(no.code).toBe(1);
    expect(JSON.parse(no.stdout)).toMatchObject({ fits: false, problems: [expect.stringContaining('1000000')] });
  });

  test('tells collision odds of the random kinds', async () => {
    const plan = await runDsJson(['seq', 'plan', '--layout', 'xid', '--workers', '1000', '--rate', '1000000/s']);
    expect(plan).toMatchObject({ random_bits: 53, collision_odds_per_year: expect.any(Number) });
  });
});

test('a command that ends leaves the write-ahead log as it is: closing it would take more flushes than its IDs', async () => {
  const home = temporaryFolder();
  await runDs(['seq', 'next'], { home, ownProcess: true });
  expect(existsSync(join(home, 'seq.db-wal'))).toBe(true);
});

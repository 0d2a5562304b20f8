/** Jobs as flags tell them. */
import { describe, expect, test } from 'vitest';
import { jobOptions } from '../../../src/blocks/cron/job-flags.js';
import { readJobSpec, writeJobSpec } from '../../../src/blocks/cron/spec.js';
import { programNameWarning, rawJobOf } from '../../../src/blocks/cron/typed-job.js';

const KEY = '00000000-0000-4000-8000-000000000001';
const defaults = { timeZone: 'Europe/Berlin', pingKey: () => KEY };
const read = (flags: Record<string, unknown>, base: Record<string, unknown> = {}) =>
  readJobSpec({ ...rawJobOf(flags, base), name: 'j' }, '', defaults);
const commandOf = (words: readonly string[], flags: Record<string, unknown> = {}) =>
  rawJobOf(flags, {}, words)['command'];
/** As `ds cron edit` does it. */
const edited = (before: Record<string, unknown>, flags: Record<string, unknown>) =>
  writeJobSpec(read(flags, writeJobSpec(read(before))));

test('every flag reaches the job', () => {
  const command = { schedule: '0 2 * * *', tz: 'UTC', dst: 'both', jitter: '5s', command: 'true', shell: '/bin/bash' };
  const process = { cwd: '/tmp', env: ['A=1', 'B=x=y', 'C='], 'environment-file': '/e', stdin: 'in', timeout: '1h' };
  const failure = { 'kill-after': '3s', retries: '2', 'retry-delay': '1m', concurrency: 'buffer-one' };
  const outage = { 'catch-up': 'all', 'catch-up-window': '1d', 'catch-up-most': '7', 'start-deadline': '10m' };
  const around = {
    mutex: ['m', 'n'],
    after: 'a:b:failure',
    delivery: 'at-least-once',
    output: '64KiB',
    description: 'd',
  };
  const told = { 'notify-on': ['failure'], 'notify-command': 'mail', webhook: 'http://h/', 'late-after': '1m' };
  expect(read({ ...command, ...process, ...failure, ...outage, ...around, ...told, 'overrun-after': '2h' })).toEqual({
    ...{ name: 'j', description: 'd', timeoutMs: 3_600_000, killAfterMs: 3_000, concurrency: 'buffer-one' },
    schedule: { expression: '0 2 * * *', timeZone: 'UTC', clockChanges: 'both', jitterMs: 5_000 },
    action: {
      ...{ kind: 'command', command: 'true', shell: '/bin/bash', folder: '/tmp', environmentFile: '/e', input: 'in' },
      environment: { A: '1', B: 'x=y', C: '' },
    },
    retries: { most: 2, delayMs: 60_000, longestDelayMs: 3_600_000, jitter: 0.5 },
    catchUp: { policy: 'all', windowMs: 86_400_000, most: 7 },
    ...{ mutexes: ['m', 'n'], startDeadlineMs: 600_000, after: { job: 'a:b', on: 'failure' }, pauses: [] },
    ...{ delivery: 'at-least-once', outputBytes: 65_536, lateAfterMs: 60_000, overrunAfterMs: 7_200_000 },
    notifications: { on: ['failure'], command: 'mail', webhook: 'http://h/' },
  });
  const request = { http: 'http://h/x', method: 'PUT', header: ['A: b:c', 'D:'], 'headers-file': '/h', body: '{}' };
  expect(read({ ...request, expect: ['204', '404'], after: 'a:b' })).toMatchObject({
    action: {
      ...{ kind: 'http', url: 'http://h/x', method: 'PUT', headers: { A: 'b:c', D: '' }, headersFile: '/h' },
      ...{ body: '{}', expect: [204, 404] },
    },
    ...{ after: { job: 'a:b', on: 'success' }, schedule: { timeZone: 'Europe/Berlin' } },
  });
  expect(read({ external: true }).action).toEqual({ kind: 'external', pingKey: KEY });
});

describe('over a job that is there', () => {
  test('only what is given changes', () => {
    const before = { schedule: '@hourly', tz: 'UTC', command: 'a', env: ['A=1'], retries: '2', cwd: '/tmp' };
    expect(edited(before, { command: 'b', env: ['B=2'], 'retry-delay': '1m' })).toEqual({
      ...{ name: 'j', schedule: '@hourly', tz: 'UTC', command: 'b', cwd: '/tmp', env: { A: '1', B: '2' } },
      retries: { most: 2, delay: '1m' },
    });
    expect(edited({ http: 'http://h/', header: ['A:1'] }, { http: 'http://i/', header: ['B:2'] })).toMatchObject({
      http: { url: 'http://i/', headers: { A: '1', B: '2' } },
    });
  });

  test('another kind of action takes the place of the one that was there, and of nothing that is given', () => {
    const command = { tz: 'UTC', command: 'a', env: ['A=1'], cwd: '/tmp', stdin: 'x' };
    expect(edited(command, { http: 'http://h/' })).toEqual({ name: 'j', tz: 'UTC', http: { url: 'http://h/' } });
    expect(edited(command, { external: true })).toEqual({ name: 'j', tz: 'UTC', external: { 'ping-key': KEY } });
    expect(edited({ tz: 'UTC', http: 'http://h/', body: 'b' }, { command: 'a' })).toEqual({
      ...{ name: 'j', tz: 'UTC', command: 'a' },
    });
    const other = '00000000-0000-4000-8000-000000000002';
    expect(rawJobOf({ external: true }, { external: { 'ping-key': other } })).toEqual({
      external: { 'ping-key': other },
    });
    expect(() => read({ command: 'a', http: 'http://h/' })).toThrow('http cannot be given besides command');
    expect(() => read({ command: 'a', external: true })).toThrow('external cannot be given besides command');
    expect(() => read({ http: 'http://h/', cwd: '/tmp' })).toThrow('cwd is for jobs with a command');
    expect(() => edited(command, { method: 'POST' })).toThrow('http cannot be given besides command');
  });
});

test('pairs have a name and a value', () => {
  expect(() => rawJobOf({ env: ['A'] })).toThrow('--env is "A", not NAME=VALUE');
  expect(() => rawJobOf({ header: [': x'] })).toThrow('--header is ": x", not NAME:VALUE');
});

test('words behind -- come to the program as they are', () => {
  const words = ['echo', 'a b', "it's", '$HOME', '*', '', '-n'];
  expect(commandOf(words)).toBe(`echo 'a b' 'it'\\''s' '$HOME' '*' '' -n`);
  expect(commandOf(['A=1', 'env'])).toBe(`'A=1' env`);
});

test('there is one command, and a line that stands where a program should is told of', () => {
  expect(commandOf([], { command: 'true' })).toBe('true');
  expect(commandOf(['echo', 'a b'])).toBe("echo 'a b'");
  expect(() => commandOf(['echo'], { command: 'true' })).toThrow('the command is given twice');
  expect(programNameWarning(["echo 'a' | wc"])).toMatch(/--command 'echo '\\''a'\\'' \| wc'$/);
  expect([[], ['./backup.sh'], ['echo', 'a b']].map(programNameWarning)).toEqual([undefined, undefined, undefined]);
});

test('the defaults that help tells are those that hold', () => {
  const told = Object.entries(jobOptions).flatMap(([flag, option]) =>
    'byDefault' in option && !['cwd', 'expect', 'notify-on'].includes(flag) ? [[flag, option.byDefault]] : [],
  );
  expect(told.length).toBeGreaterThan(12);
  expect(read({ command: 'true', ...Object.fromEntries(told) })).toEqual(read({ command: 'true' }));
});

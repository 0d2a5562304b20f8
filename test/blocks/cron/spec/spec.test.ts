import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../../../src/blocks/cron/job.js';
import { diffSpecs, readJobSpec, reviveJobSpec, writeJobSpec } from '../../../../src/blocks/cron/spec.js';
import { DsError } from '../../../../src/platform/errors.js';
import { jobSpecs } from './job-specs.js';

const BERLIN = { timeZone: 'Europe/Berlin' };

function read(raw: Record<string, unknown>): JobSpec {
  return readJobSpec({ name: 'backup', command: 'true', ...raw }, '', BERLIN);
}

/** Message, hint and key of the refusal. */
function refusal(raw: unknown, where = '') {
  try {
    readJobSpec(raw, where, BERLIN);
  } catch (error) {
    if (error instanceof DsError && error.code === 'cron.bad_job') {
      return { message: error.message, hint: error.hint, key: error.details['key'] };
    }
    throw error;
  }
  throw new Error('it was taken');
}

const refusalOf = (raw: Record<string, unknown>) => refusal({ name: 'backup', command: 'true', ...raw });

describe('a job as it is read', () => {
  it('has every default where it says nothing', () => {
    expect(readJobSpec({ name: 'backup', command: 'pg_dump shop' }, '', BERLIN)).toEqual({
      name: 'backup',
      schedule: { timeZone: 'Europe/Berlin', clockChanges: 'vixie', jitterMs: 0 },
      action: { kind: 'command', command: 'pg_dump shop', shell: '/bin/sh', environment: {} },
      timeoutMs: 0,
      killAfterMs: 10_000,
      retries: { most: 0, delayMs: 10_000, longestDelayMs: 3_600_000, jitter: 0.5 },
      concurrency: 'skip',
      mutexes: [],
      catchUp: { policy: 'skip', windowMs: 604_800_000, most: 100 },
      startDeadlineMs: 0,
      pauses: [],
      delivery: 'at-most-once',
      outputBytes: 1_048_576,
      notifications: { on: [] },
      lateAfterMs: 300_000,
      overrunAfterMs: 0,
    });
  });

  it('takes each short form for what it stands for', () => {
    const spec = read({
      retries: 3,
      mutex: 'disk',
      'catch-up': 'last',
      after: 'vacuum',
      output: '64 KiB',
      timeout: '1m30s',
      'kill-after': 500,
      notify: { webhook: 'https://alerts.example/' },
      pauses: { from: '2026-12-24', until: '2026-12-27T06:00:00+01:00', reason: 'holidays' },
    });
    expect(spec).toMatchObject({
      retries: { most: 3, delayMs: 10_000 },
      mutexes: ['disk'],
      catchUp: { policy: 'last', most: 100 },
      after: { job: 'vacuum', on: 'success' },
      outputBytes: 65_536,
      timeoutMs: 90_000,
      killAfterMs: 500,
      notifications: { on: ['failure', 'recovery', 'late', 'overrun'], webhook: 'https://alerts.example/' },
      pauses: [{ from: Date.UTC(2026, 11, 24), until: Date.UTC(2026, 11, 27, 5), reason: 'holidays' }],
    });
    expect(read({ retries: { most: '2', delay: '1s', jitter: 0 } }).retries).toMatchObject({
      most: 2,
      delayMs: 1000,
      jitter: 0,
    });
    expect(['64KB', '1MiB', '4096', 4096].map((output) => read({ output }).outputBytes)).toEqual([
      64e3,
      2 ** 20,
      4096,
      4096,
    ]);
  });

  it('asks by GET, or by POST where there is a body', () => {
    const http = (raw: object) => readJobSpec({ name: 'a', http: { url: 'http://[::1]:80/x', ...raw } }, '', BERLIN);
    expect(http({}).action).toEqual({ kind: 'http', method: 'GET', url: 'http://[::1]:80/x', headers: {} });
    expect(http({ body: '{}', expect: 204 }).action).toMatchObject({ method: 'POST', body: '{}', expect: [204] });
  });

  it('gets a ping key from whoever reads it, when it has none', () => {
    const pingKey = '01234567-89ab-cdef-0123-456789abcdef';
    const spec = readJobSpec({ name: 'offsite', external: {} }, '', { ...BERLIN, pingKey: () => pingKey });
    expect(spec.action).toEqual({ kind: 'external', pingKey });
  });

  it('takes a key without a value for one that is absent', () => {
    expect(read({ timeout: null, mutex: null, notify: null })).toEqual(read({}));
  });
});

describe('what a job cannot mean', () => {
  it('is refused with the nearest key that is known', () => {
    expect(refusal({ name: 'a', comand: 'x' }, 'jobs.yaml: jobs[2]')).toEqual({
      message: 'jobs.yaml: jobs[2]: a job has no key "comand"',
      hint: 'did you mean command?',
      key: 'comand',
    });
    expect(refusalOf({ retries: { mots: 3 } })).toMatchObject({
      message: 'retries has no key "mots"',
      hint: 'did you mean most?',
      key: 'retries.mots',
    });
    expect(refusalOf({ concurrency: 'allowall' }).hint).toBe('did you mean allow-all?');
  });

  it.each([
    [
      'http.url',
      'http://u:s3cret@a/',
      { http: { url: 'http://u:s3cret@a/' } },
      /^keep it in the file of --headers-file/,
    ],
    ['http.url', 'http://s3cret@a/', { http: { url: 'http://s3cret@a/' } }, /^keep it in the file of --headers-file/],
    [
      'notify.webhook',
      '',
      { command: 'x', notify: { webhook: 'https://:s3cret@a/' } },
      /^tell by a command: --notify-/,
    ],
  ])('is a password in a URL, which is not said again: %s %s', (key, _url, raw, hint) => {
    const refused = refusal({ name: 'a', ...raw }, '');
    expect(refused).toMatchObject({ key, hint: expect.stringMatching(hint) });
    expect(refused.message).toBe(`${key} has a user or a password in it, which everybody who sees the job would read`);
  });

  it.each<[string, Record<string, unknown>]>([
    ['name', { name: 'a b' }],
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(129) }],
    ['command', { command: 'echo \0' }],
    ['command', { command: `echo ${'x'.repeat(65_536)}` }],
    ['command', { command: '\ud800' }],
    ['command', { command: undefined }],
    ['command', { command: ['ls', '-l'] }],
    ['http', { http: { url: 'http://a' } }],
    ['http.url', { command: undefined, http: { url: 'ftp://a/b' } }],
    ['http.url', { command: undefined, http: { url: 'http://' } }],
    ['http.url', { command: undefined, http: {} }],
    ['http.method', { command: undefined, http: { url: 'http://a', method: 'GET /' } }],
    ['http.method', { command: undefined, http: { url: 'http://a', method: 'CONNECT' } }],
    ['http.headers.a', { command: undefined, http: { url: 'http://a', headers: { a: 'b\r\nc: d' } } }],
    ['http.headers.a b', { command: undefined, http: { url: 'http://a', headers: { 'a b': 'c' } } }],
    [
      'http.headers.Content-Length',
      { command: undefined, http: { url: 'http://a', headers: { 'Content-Length': '9' } } },
    ],
    ['http.expect', { command: undefined, http: { url: 'http://a', expect: [200, 42] } }],
    ['env', { command: undefined, http: { url: 'http://a' }, env: { A: 'b' } }],
    ['external.ping-key', { command: undefined, external: {} }],
    ['external.ping-key', { command: undefined, external: { 'ping-key': 'secret' } }],
    ['schedule', { schedule: '*'.repeat(1001) }],
    ['tz', { tz: 'Europe/Berlni' }],
    ['tz', { tz: '../../etc/passwd' }],
    ['dst', { dst: 'spring' }],
    ['shell', { shell: 'bash' }],
    ['cwd', { cwd: 'work' }],
    ['env-file', { 'env-file': '' }],
    ['env.1A', { env: { '1A': 'b' } }],
    ['env.A', { env: { A: 8080 } }],
    ['env.DS_CRON_FENCE', { env: { DS_CRON_FENCE: '1' } }],
    ['env', { env: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`A${index}`, ''])) }],
    ['timeout', { timeout: '90' }],
    ['timeout', { timeout: -1 }],
    ['timeout', { timeout: 1.5 }],
    ['timeout', { timeout: '9999w' }],
    ['jitter', { jitter: Number.NaN }],
    ['retries', { retries: -1 }],
    ['retries.jitter', { retries: { jitter: 1.1 } }],
    ['retries.longest-delay', { retries: { delay: '2h', 'longest-delay': '1h' } }],
    ['mutex', { mutex: Array.from({ length: 33 }, (_, index) => `m${index}`) }],
    ['mutex', { mutex: ['ok', 'not ok'] }],
    ['catch-up.most', { 'catch-up': { most: 0 } }],
    ['after.job', { after: { on: 'any' } }],
    [
      'pauses[1].until',
      {
        pauses: [
          { from: 1, until: 2 },
          { from: 2, until: 2 },
        ],
      },
    ],
    ['pauses[0].from', { pauses: [{ from: '+1h', until: 2 }] }],
    ['output', { output: '2 GiB' }],
    ['notify', { notify: { on: ['failure'] } }],
    ['notify.on', { notify: { command: 'x', on: ['failed'] } }],
    ['notify.webhook', { notify: { webhook: 'file:///etc/passwd' } }],
  ])('names %s (%#)', (key, raw) => {
    const { message, key: named } = refusalOf(raw);
    expect(named).toBe(key);
    expect(message).toContain(key);
    expect(message.length).toBeLessThan(300);
  });

  it('is refused whatever it is', () => {
    for (const raw of [undefined, null, 'backup', 3, []]) expect(refusal(raw).message).toContain('not a mapping');
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        expect(() => readJobSpec(raw, 'here', BERLIN)).toThrow(/^here: /);
      }),
    );
  });
});

describe('a job as it is written', () => {
  it('says only what differs from the defaults', () => {
    const compact = { name: 'backup', schedule: '@daily', command: 'true', retries: 2, 'catch-up': { window: '1h' } };
    expect(writeJobSpec(readJobSpec(compact, '', BERLIN), BERLIN)).toEqual(compact);
    expect(writeJobSpec(readJobSpec(compact, '', BERLIN))).toEqual({ ...compact, tz: 'Europe/Berlin' });
  });

  it('is read as the same job', () => {
    fc.assert(
      fc.property(jobSpecs(), (spec) => {
        const compact: unknown = JSON.parse(JSON.stringify(writeJobSpec(spec)));
        expect(readJobSpec(compact, '', { timeZone: 'Asia/Tokyo' })).toEqual(spec);
        expect(reviveJobSpec(JSON.stringify(spec))).toEqual(spec);
        expect(diffSpecs(spec, spec)).toEqual([]);
      }),
    );
  });

  it('is revived with the defaults of keys that were not known when it was stored', () => {
    const { overrunAfterMs: _, ...stored } = read({ retries: 2 });
    const { jitter: __, ...retries } = stored.retries;
    expect(reviveJobSpec(JSON.stringify({ ...stored, retries }))).toEqual(read({ retries: 2 }));
  });
});

describe('what changed between two jobs', () => {
  it('is told by key, before and after', () => {
    const before = read({ schedule: '@daily', retries: 2, env: { A: '1', B: '2' }, mutex: ['x', 'y'] });
    const after = read({ retries: { most: 2, delay: '1m' }, env: { A: '1', B: '3' }, mutex: 'x', 'catch-up': 'all' });
    expect(diffSpecs(before, after)).toEqual([
      { key: 'schedule', before: '@daily' },
      { key: 'env.B', before: '2', after: '3' },
      { key: 'mutex', before: ['x', 'y'], after: 'x' },
      { key: 'retries.delay', after: '1m' },
      { key: 'catch-up.policy', after: 'all' },
    ]);
  });

  it('says so wherever two jobs differ', () => {
    fc.assert(
      fc.property(jobSpecs(), jobSpecs(), (one, other) => {
        expect(diffSpecs(one, other).length > 0).toBe(JSON.stringify(one) !== JSON.stringify(other));
      }),
    );
  });
});

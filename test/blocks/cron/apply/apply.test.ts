import { describe, expect, it } from 'vitest';
import {
  type DesiredOptions,
  planApply,
  readDesired,
  refuseEmptyPrune,
  refuseReplacing,
} from '../../../../src/blocks/cron/apply.js';
import { readJobSpec } from '../../../../src/blocks/cron/spec.js';

const KEY = '01234567-89ab-cdef-0123-456789abcdef';
const OPTIONS: DesiredOptions = {
  filename: 'jobs.yaml',
  form: 'user',
  user: 'anna',
  home: '/home/anna',
  timeZone: 'Europe/Berlin',
  pingKey: () => KEY,
};

const read = (text: string, filename = 'jobs.yaml') => readDesired(text, { ...OPTIONS, filename }).jobs;
const spec = (raw: object) => readJobSpec({ command: 'x', ...raw }, '', { timeZone: OPTIONS.timeZone });

describe('a file of jobs', () => {
  it('is YAML, JSON or a crontab', () => {
    const backup = spec({ name: 'backup', schedule: '@daily', retries: { most: 2, delay: '1m' } });
    const yaml = `
x: &retries {most: 2, delay: 1m}
`.trim();
    expect(() => read(yaml)).toThrow('jobs.yaml:1: there is no key "x"');
    expect(
      read('jobs:\n- name: backup\n  schedule: " @daily "\n  command: x\n  retries: {most: 2, delay: 1m}\n'),
    ).toEqual([backup]);
    expect(read(JSON.stringify({ jobs: [{ name: 'backup', schedule: '@daily', command: 'x' }] }), 'stdin')).toEqual([
      spec({ name: 'backup', schedule: '@daily' }),
    ]);
    expect(read('# name: backup\n@daily x\n', 'stdin')).toMatchObject([{ name: 'backup', concurrency: 'allow-all' }]);
    expect(read('jobs:\n')).toEqual([]);
  });

  it('may have jobs below their names', () => {
    const yaml =
      'jobs:\n  backup: {schedule: "@daily", command: x}\n  7: {name: "7", command: x}\n  __proto__: {command: x}\n';
    expect(new Set(read(yaml))).toEqual(
      new Set([spec({ name: 'backup', schedule: '@daily' }), spec({ name: '7' }), spec({ name: '__proto__' })]),
    );
    expect(read('jobs: {offsite: {external: {}}}')).toMatchObject([{ name: 'offsite', action: { pingKey: KEY } }]);
  });

  it('may leave ping keys to the book', () => {
    expect(read('jobs: [{name: offsite, external: {}}]')).toMatchObject([{ action: { pingKey: KEY } }]);
  });

  it.each([
    ['', 'jobs.yaml:1: it is no mapping'],
    ['jobs: 3', 'jobs.yaml:1: jobs is neither a list nor a mapping of names to jobs'],
    ['jobs:\n  a: {command: x}\n  b: 3\n', 'jobs.yaml:3: a job is 3'],
    ['jobs:\n  a:\n    command: x\n    comand: y\n', 'jobs.yaml:4: a job has no key "comand"'],
    ['jobs:\n  a:\n    command: x\n    name: b\n', 'jobs.yaml:4: name is another one than a, below which it stands'],
    ['jobs:\n  a: {command: x}\n  a: {command: y}\n', 'jobs.yaml:3: '],
    ['jobs:\n  a b: {command: x}\n', 'jobs.yaml:2: name is "a b"'],
    ['job: []', 'jobs.yaml:1: there is no key "job"'],
    ['jobs:\n- name: a\n  command: [', 'jobs.yaml:3: '],
    ['jobs:\n- name: a\n  command: x\n- name: b\n  comand: x\n', 'jobs.yaml:5: a job has no key "comand"'],
    [
      'jobs:\n- name: a\n  command: x\n  retries:\n    most: 2\n    delay: soon\n',
      'jobs.yaml:6: retries.delay is "soon"',
    ],
    [
      'jobs:\n- name: a\n  command: x\n  pauses:\n  - from: 2026-01-01\n    until: 2025-01-01\n',
      'jobs.yaml:6: pauses[0].until',
    ],
    ['jobs:\n- name: a\n  command: x\n  schedule: 0 25 * * *\n', 'jobs.yaml:4: field 2 (hour)'],
    [
      'jobs:\n- name: a\n  command: x\n  schedule: 0 0 31 4 *\n',
      'jobs.yaml:4: field 3 (day-of-month) is "31": there is no such day in April',
    ],
    ['jobs:\n- name: a\n  command: x\n  schedule: in 10m\n', 'jobs.yaml:4: in counts anew'],
    ['jobs:\n- {name: a, command: x}\n- {name: a, command: y}\n', 'jobs.yaml:3: the name a is that of line 2, too'],
    ['jobs:\n- {name: a, name: b, command: x}\n', 'jobs.yaml:2: '],
    ['jobs:\n- x\n', 'jobs.yaml:2: a job is "x"'],
    [
      `jobs:\n- &a [x]\n- &b [${'*a,'.repeat(20)}]\n- &c [${'*b,'.repeat(20)}]\n- [${'*c,'.repeat(20)}]\n`,
      'jobs.yaml:2: Excessive alias count',
    ],
    ['jobs:\n- {name: a, env: {A: x, A: y}, command: x}\n', 'jobs.yaml:2: the key "A" is there twice'],
    ['jobs: []\n---\njobs: []\n', 'jobs.yaml:2: there is a second document behind ---'],
    [`jobs:\n  ${'['.repeat(500_000)}`, 'jobs.yaml:2: it is nested more than 64 deep'],
    [`{"jobs": ${'{"a":'.repeat(500_000)}`, 'jobs.yaml:1: it is nested more than 64 deep'],
    [`jobs:\n- - ${'- '.repeat(500_000)}`, 'jobs.yaml:2: it is nested more than 64 deep'],
    [`jobs:\n- &a {command: x}\n${'- *a\n'.repeat(500_000)}`, 'jobs.yaml:1003: it has more than 1,000 aliases'],
    [`jobs: "${' '.repeat(17 * 1024 ** 2)}`, 'jobs.yaml:1: it is longer than 16777216 bytes'],
  ])('that cannot be meant is refused with its line: %#', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

describe('what applying a file does', () => {
  const present = [spec({ name: 'same' }), spec({ name: 'other', schedule: '@daily' }), spec({ name: 'gone' })];
  const desired = [spec({ name: 'new' }), spec({ name: 'other', schedule: '@hourly' }), spec({ name: 'same' })];

  it('is told job by job', () => {
    expect(planApply(present, desired, { prune: true })).toEqual({
      plan: { put: [desired[0], desired[1]], remove: ['gone'] },
      changes: [
        { kind: 'added', name: 'new' },
        { kind: 'changed', name: 'other', changes: [{ key: 'schedule', before: '@daily', after: '@hourly' }] },
        { kind: 'unchanged', name: 'same' },
        { kind: 'removed', name: 'gone' },
      ],
    });
  });

  it('leaves other jobs alone unless it is told to', () => {
    expect(planApply(present, desired, { prune: false }).plan.remove).toEqual([]);
    expect(planApply(desired, desired, { prune: true }).plan).toEqual({ put: [], remove: [] });
  });

  it('is refused where a file without jobs would prune all, unless it says that there are none', () => {
    const prune = (text: string, filename: string) => () =>
      refuseEmptyPrune(text, filename, readDesired(text, { ...OPTIONS, filename }));
    for (const [text, filename] of [
      ['', 'stdin'],
      ['# none\nA=b\n', 'crontab'],
      ['# jobs: []\njobs:\n', 'jobs.yaml'],
    ] as const)
      expect(prune(text, filename)).toThrow(
        expect.objectContaining({ code: 'cron.bad_crontab', kind: 'usage', hint: expect.stringContaining('jobs: []') }),
      );
    for (const text of ['jobs: []', 'jobs: {}', '{"jobs": []}', 'jobs: [{name: a, command: x}]'])
      expect(prune(text, 'stdin')).not.toThrow();
  });

  it('is refused by whoever only adds, where a job would become another one', () => {
    const { changes } = planApply(present, desired, { prune: false });
    expect(() => refuseReplacing(changes, 'ds cron import x --replace')).toThrow(
      expect.objectContaining({ code: 'cron.job_exists', message: 'there is another job of this name already: other' }),
    );
    const many = Array.from({ length: 7 }, (_, index) => ({
      kind: 'changed' as const,
      name: `j${index}`,
      changes: [],
    }));
    expect(() => refuseReplacing(many, '')).toThrow(
      'there are other jobs of these names already: j0, j1, j2, j3, j4 and 2 more',
    );
    expect(() => refuseReplacing(planApply(present, present, { prune: false }).changes, '')).not.toThrow();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDebianSchedule } from '../../../../src/blocks/cron/crontab/debian-schedule.js';
import { readPercents, writePercents } from '../../../../src/blocks/cron/crontab/percent.js';
import { readVariable, writeVariable } from '../../../../src/blocks/cron/crontab/variable.js';
import { type CrontabOptions, readCrontab, writeCrontab } from '../../../../src/blocks/cron/crontab.js';
import type { JobSpec } from '../../../../src/blocks/cron/job.js';
import { readJobSpec } from '../../../../src/blocks/cron/spec.js';
import { debianPackages } from './debian-packages.js';

const ROOT = { filename: 'tab', form: 'system', user: 'root', home: '/root', timeZone: 'UTC' } as const;
const ANNA: CrontabOptions = { ...ROOT, form: 'user', user: 'anna', home: '/home/anna' };

const read = (text: string, options: CrontabOptions = ANNA) => readCrontab(text, options);
const actionOf = (job: JobSpec | undefined) => (job?.action.kind === 'command' ? job.action : undefined);

describe('a crontab', () => {
  it('is jobs that run as cron runs them', () => {
    expect(read('# name: report\n30 2 * * mon-fri report --to ops\n').jobs).toEqual([
      readJobSpec(
        {
          name: 'report',
          schedule: '30 2 * * mon-fri',
          command: 'report --to ops',
          cwd: '/home/anna',
          env: { PATH: '/usr/bin:/bin', HOME: '/home/anna', LOGNAME: 'anna' },
          concurrency: 'allow-all',
        },
        '',
        { timeZone: 'UTC' },
      ),
    ]);
  });

  it('has variables for the lines below them', () => {
    const { jobs, warnings } = read(
      [
        '* * * * * a',
        'SHELL=/bin/bash',
        '  PATH = "/opt/my bin:/bin"  ',
        "'HOME'='/srv'",
        'MAILTO=""',
        'CRON_TZ=Europe/Berlin',
        'LOGNAME=eve',
        '@daily\tb -x # no comment',
        'MAILTO=ops@example.org',
        'PATH=$HOME/bin',
        '   # comment',
        '@reboot c',
        '@hourly d',
      ].join('\n'),
    );
    const [a, b, c] = jobs;
    expect(actionOf(a)).toMatchObject({ shell: '/bin/sh', environment: { PATH: '/usr/bin:/bin' } });
    expect(b?.schedule).toMatchObject({ expression: '@daily', timeZone: 'Europe/Berlin' });
    expect(actionOf(b)).toEqual({
      kind: 'command',
      command: 'b -x # no comment',
      shell: '/bin/bash',
      folder: '/srv',
      environment: { PATH: '/opt/my bin:/bin', HOME: '/srv', MAILTO: '', LOGNAME: 'anna' },
    });
    expect(actionOf(c)?.environment).toMatchObject({ PATH: '$HOME/bin', MAILTO: 'ops@example.org' });
    expect(warnings).toEqual([
      'tab:8: schedules are read in Europe/Berlin, as cronie does; Debian’s cron reads them in the machine’s zone',
      'tab:8: LOGNAME cannot be set in a crontab',
      'tab:12: ds sends no mail to ops@example.org: output is kept with each run, and failures are told by notify',
    ]);
  });

  it('names jobs after what they run, the same each time', () => {
    const names = (text: string) => read(text).jobs.map(({ name }) => name);
    const backup = '0 1 * * * [ -x /opt/backup.sh ] && X=1 nice /opt/backup.sh --all >/dev/null';
    const [name] = names(backup);
    expect(name).toMatch(/^backup\.sh-[0-9a-f]{6}$/);
    expect(names('@daily /usr/bin/report%dear all%')[0]).toMatch(/^report-[0-9a-f]{6}$/);
    expect(names(`@daily (cd /; ls)\nA=b\n5 5 5 5 * ${backup.slice(10)}`)[1]).toBe(name);
    expect(names(`${backup}\n${backup}\n# name: ${name}-2\n@daily x`)).toEqual([name, `${name}-3`, `${name}-2`]);
  });

  it('of the system leaves out what is for other users, and says so', () => {
    const { jobs, warnings } = read('@daily root a\n@daily\twww-data  b\n', ROOT);
    expect(jobs.map((job) => actionOf(job)?.command)).toEqual(['a']);
    expect(warnings).toEqual(['tab:2: left out: it is for the user www-data, and ds runs jobs as root']);
  });

  it.each([
    ['* * * * *', 'tab:1: the line ends before the command'],
    ['\n* * * *', 'tab:2: the line ends before the day of the week'],
    ['#\n\n@dayly x', 'tab:3: cron has no @dayly'],
    ['@every 90s x', 'tab:1: cron has no @every'],
    ['run this daily please now', 'tab:1: the line ends before the command'],
    ['* * * * $x y', 'tab:1: "$x" is no day of the week'],
    ['PATH="a" b', 'tab:1: "PATH=\\"a\\"" is no minute'],
    ['@daily a\0b', 'tab:1: has a NUL character'],
    ['@daily a\r\n@daily b\r\n', 'tab:1: has a carriage return'],
    ['# name: x\n\n', 'tab:1: no job follows the name "x"'],
    ['# name: x y\n@daily b', 'tab:2: name is "x y"'],
    ['# name: x\n@daily b\n# name: x\n@daily c', 'tab:4: the name x is that of line 2, too'],
    ['SHELL=bash\n@daily b', 'tab:2: shell is "bash", not an absolute path'],
    ['a-b=c\n@daily b', 'tab:2: env.a-b is no name of a variable'],
    [`@daily ${'x'.repeat(66_000)}`, 'tab:1: command is longer than 65536 bytes'],
    [Array.from({ length: 300 }, (_, index) => `V${index}=x\n`).join(''), 'tab:257: it has more than 256 variables'],
    ['@daily x\n'.repeat(20_001), 'tab:20001: it has more than 20000 jobs'],
    [`@daily ${'x'.repeat(132_000)}`, 'tab:1: is longer than 131072 characters'],
    ['0 25 * * * x', 'tab:1: field 2 (hour) is "25": 25 is not within 0 to 23'],
    ['@daily x\n0 0 30 2 * x', 'tab:2: field 3 (day-of-month) is "30": there is no such day in February'],
    ['CRON_TZ=Mars/Base\n@daily x', 'tab:2: tz is "Mars/Base"'],
  ])('that cannot be read is refused with the line: %#', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('of any text is read or refused with a line', () => {
    const words = fc.constantFrom(
      '*',
      '5',
      '@daily',
      'root',
      'X=',
      '=',
      '"',
      "'",
      '%',
      '\\',
      ' ',
      '\t',
      '\n',
      '#',
      'name:',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 3 }))), (parts) => {
        try {
          read(parts.join(''));
        } catch (error) {
          expect(error).toMatchObject({ code: 'cron.bad_crontab', message: expect.stringMatching(/^tab:\d+: /) });
        }
      }),
    );
  });
});

describe('% in a command', () => {
  it.each([
    ['mail x%Dear%%all', 'mail x', 'Dear\n\nall\n'],
    ['date +\\%s', 'date +%s', undefined],
    ['cat%', 'cat', ''],
    ['cat%a%', 'cat', 'a\n'],
    ['echo \\\\%in', 'echo \\', 'in\n'],
    ['a\\\\\\%b\\\\\\\\c\\"', 'a\\%b\\\\c\\"', undefined],
    ['a\\b\\%c%\\d\\%e\\\\%f', 'a\\b%c', '\\d%e\\%f\n'],
    ['end\\', 'end\\', undefined],
    ['cat%a\\', 'cat', 'a\\\n'],
    ['cat%a%\\\\', 'cat', 'a\n\\\\'],
  ])('%j', (text, command, input) => {
    expect(readPercents(text)).toEqual({ command, ...(input !== undefined && { input }) });
  });

  it('is written so that it is read as it was, or is found to be unsayable', () => {
    const part = fc.array(fc.constantFrom('%', '\\', 'a', ' ', '\n'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(part, part, (command, input) => {
        const text = writePercents(command, input);
        if (text !== undefined) expect({ input: '', ...readPercents(text) }).toEqual({ command, input });
        else expect(`${command}\0${input}`).toMatch(/\n.*\0|\0.*(?:\\\n|[^\n]$)/s);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the value of a variable', () => {
  it('is written so that it is read as it was', () => {
    const value = fc.array(fc.constantFrom('"', "'", ' ', '=', '#', '$', '\\', 'é')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(value, (text) => {
        const line = writeVariable({ name: 'A', value: text });
        if (line !== undefined) expect(readVariable(line)).toEqual({ name: 'A', value: text });
        else expect(text).toMatch(/^(?=.*")(?=.*')(?:["' ].*|.* )$/s);
      }),
    );
  });
});

describe('jobs as a crontab', () => {
  it.each(Object.entries(debianPackages))('mean what they meant: %s', (filename, text) => {
    const { jobs } = read(text, { ...ROOT, filename });
    expect(jobs.length).toBeGreaterThan(0);
    for (const form of ['system', 'user'] as const) {
      const written = writeCrontab(jobs, { ...ROOT, form });
      expect(written).toMatchObject({ jobCount: jobs.length, warnings: [] });
      expect(read(written.text, { ...ROOT, form }).jobs).toEqual(jobs);
    }
  });

  it('mean what they meant: any', () => {
    const value = fc.string({ unit: fc.constantFrom('a', ' ', '"', '/', '%', '#', '='), maxLength: 6 });
    const job = fc.record({
      schedule: fc.constantFrom('@daily', '@reboot', '*/5 1-5,7 * jan-mar mon', '09 * 1 * *'),
      command: fc
        .string({ unit: fc.constantFrom('a', ' ', '%', '#', '@', '*', '='), minLength: 1 })
        .map((text) => `x${text}`),
      stdin: fc.constantFrom('', 'a\n', '\n', 'a%\n\nb\n'),
      tz: fc.constantFrom('UTC', 'Asia/Tokyo'),
      shell: fc.constantFrom('/bin/sh', '/bin/bash'),
      home: fc.constantFrom('/home/anna', '/srv'),
      values: fc.tuple(value, value),
    });
    fc.assert(
      fc.property(fc.array(job, { maxLength: 5 }), (raws) => {
        const jobs = raws.map(({ home, values: [A, B], ...raw }, index) => {
          const env = { PATH: '/bin', HOME: home, A, B, LOGNAME: 'anna' };
          return readJobSpec({ name: `job-${index}`, ...raw, cwd: home, env, concurrency: 'allow-all' }, '', ANNA);
        });
        const { text, jobCount } = writeCrontab(jobs, ANNA);
        expect(jobCount).toBe(jobs.length);
        expect(read(text).jobs).toEqual(jobs);
      }),
    );
  });

  it('are left out where cron would do something else, and what it lacks is told', () => {
    const base = {
      command: 'x',
      cwd: '/home/anna',
      env: { PATH: '/bin' },
      concurrency: 'allow-all',
      schedule: '@daily',
    };
    const spec = (name: string, raw: object) => readJobSpec({ name, ...base, ...raw }, '', ANNA);
    const http = { command: undefined, cwd: undefined, env: undefined, http: { url: 'http://a/' } };
    const { text, jobCount, warnings } = writeCrontab(
      [
        spec('every', { schedule: '@every 90s' }),
        spec('evil', { schedule: '1\n* * * * * evil' }),
        spec('http', http),
        spec('folder', { cwd: '/srv' }),
        spec('lines', { command: 'a\nb' }),
        spec('input', { stdin: 'no line end' }),
        spec('backslash', { stdin: 'a\\\nb\n' }),
        spec('secret', { 'env-file': '/etc/secret' }),
        spec('dst', { dst: 'both' }),
        spec('first', { env: { PATH: '/bin', A: 'b' }, timeout: '1h', retries: 2 }),
        spec('second', { concurrency: 'skip', tz: 'Asia/Tokyo' }),
      ],
      ANNA,
    );
    expect(warnings).toEqual([
      'every is left out: cron cannot read its schedule "@every 90s"',
      'evil is left out: cron cannot read its schedule "1\\n* * * * * evil"',
      'http is left out: cron runs commands only; this job has http',
      'folder is left out: cron runs commands in HOME, not in "/srv"',
      'lines is left out: its command has several lines',
      'input is left out: cron ends the standard input with a line end',
      'backslash is left out: a crontab cannot say a line end behind a backslash',
      'secret is left out: cron reads no env-file',
      'dst is left out: cron has no dst both',
      'first: cron has no timeout, retries',
      'second: cron starts it beside a run of it that goes on; there is no concurrency skip',
      'second: Debian’s cron reads its times in UTC; cronie knows CRON_TZ=Asia/Tokyo',
      'second: A will be empty, not unset',
    ]);
    expect(jobCount).toBe(2);
    expect(read(text).jobs.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(text).not.toMatch(/^\*/m);
  });
});

describe('what Debian’s cron reads', () => {
  it.each(['* * * * *', '*/5 0 1,15 1-6/2 mon-fri', '0 0 * JAN 7', '@midnight'])('is %s', (expression) => {
    expect(isDebianSchedule(expression)).toBe(true);
  });

  it.each([
    '5/10 * * * *',
    '0 0 L * *',
    '0 0 * * fri-mon',
    '0 0 0 * * *',
    'H * * * *',
    '60 * * * *',
    '@every 5m',
    '*/0 * * * *',
  ])('is not %s', (expression) => {
    expect(isDebianSchedule(expression)).toBe(false);
  });
});

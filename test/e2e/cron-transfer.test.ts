/** Crontabs and YAML in and out: `ds cron import`, `export`, `apply`, `simulate`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { runDs, runDsJson } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const CRONTAB = '# name: backup\nMAILTO=ops\n30 2 * * * backup%input\n# name: often\n*/15 * * * * often\n';

test('a crontab comes in, goes out as it was, and is replaced by a file of jobs', async () => {
  const home = temporaryFolder();
  const cron = (args: readonly string[], input = '') => runDs(['cron', ...args], { home, input });
  expect(await cron(['import', '-', '--home', '/srv'], CRONTAB)).toMatchObject({
    code: 0,
    stdout: 'added\tbackup\t\nadded\toften\t\n',
    stderr: expect.stringMatching(/^warning: stdin:3: ds sends no mail to ops/),
  });
  const exported = await cron(['export', '--home', '/srv']);
  expect(exported).toMatchObject({ code: 0, stderr: '' });
  expect(await cron(['import', '-', '--home', '/srv'], exported.stdout)).toMatchObject({
    stdout: 'unchanged\tbackup\t\nunchanged\toften\t\n',
  });
  const wrong = await cron(['import', '-'], '@daily x\n* * * 13 * y\n');
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: stdin:2: field 4 \(month\)/) });

  const jobs = 'jobs:\n- {name: backup, schedule: 45 2 * * *, command: backup}\n- {name: offsite, external: {}}\n';
  const changes = [
    { name: 'backup', change: 'changed', keys: expect.arrayContaining([expect.objectContaining({ key: 'schedule' })]) },
    { name: 'offsite', change: 'added' },
    { name: 'often', change: 'removed' },
  ];
  const apply = (...flags: string[]) => runDsJson(['cron', 'apply', '-', ...flags], { home, input: jobs });
  expect(await apply('--dry-run')).toEqual({ changes: changes.slice(0, 2), dry_run: true, warnings: [] });
  expect(await apply('--dry-run', '--prune')).toEqual({ changes, dry_run: true, warnings: [] });
  expect(await apply('--prune')).toEqual({ changes, dry_run: false, warnings: [] });
  // A ping key that the file does not tell stays as it is.
  expect(await cron(['apply', '-'], jobs)).toMatchObject({ stdout: 'unchanged\tbackup\t\nunchanged\toffsite\t\n' });

  // Several jobs go only when somebody says so; and a job does not become another one by an import.
  expect(await cron(['apply', '-', '--prune'], 'jobs: []')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('hint:  ds cron apply - --prune --yes'),
  });
  expect(await cron(['import', '-'], CRONTAB)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^error: there is another job of this name already: backup\nhint: {2}ds cron import - --replace/,
    ),
  });
  expect((await cron(['list'])).stdout.match(/^\w+/gm)).toEqual(['backup', 'offsite']);

  // Node reads --env-file among a program's own arguments, and ends with exit code 9 where there is no such file.
  const secret = ['add', 'secret', '--environment-file', '/there/not/here.env', '--', 'true'];
  expect(await cron(secret)).toMatchObject({ code: 0, stderr: '' });
  expect((await cron(['export', 'secret', '--to', 'yaml'])).stdout).toContain('env-file: /there/not/here.env\n');
  expect(await cron(['delete', 'secret', '--yes'])).toMatchObject({ code: 0 });

  const systemd = await cron(['export', 'backup', '--to', 'systemd']);
  expect(systemd.stdout).toMatch(/^# \/etc\/systemd\/system\/ds-cron-backup\.service\n\[Unit\]\n/);
  const units = join(home, 'a/units');
  const paths = ['service', 'timer'].map((kind) => join(units, `ds-cron-backup.${kind}`));
  const toFiles = (...flags: string[]) => cron(['export', 'backup', '--to', 'systemd', '-q', '-o', units, ...flags]);
  expect(await toFiles()).toMatchObject({ code: 0, stdout: `${paths.join('\n')}\n`, stderr: '' });
  const written = paths.map((path) => `# /etc/systemd/system/${basename(path)}\n${readFileSync(path, 'utf8')}`);
  expect(written.join('\n')).toBe(systemd.stdout);
  writeFileSync(paths[1] ?? '', 'by hand');
  expect(await toFiles()).toMatchObject({ code: 2, stderr: expect.stringContaining('.service is there already') });
  expect(readFileSync(paths[1] ?? '', 'utf8')).toBe('by hand');
  expect(await toFiles('--yes')).toMatchObject({ code: 0 });
  expect(readFileSync(paths[1] ?? '', 'utf8')).toMatch(/^\[Unit\]/);
  expect(await cron(['export', '-o', '/proc/none', '-q'])).toMatchObject({ code: 4 });
  expect(await cron(['export', '--to', 'k8s'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--image') });
  expect(await cron(['export', 'nobody'])).toMatchObject({ code: 1 });
  expect(await cron(['import', '-', '--replace'], CRONTAB)).toMatchObject({
    stdout: expect.stringMatching(/^changed\tbackup\t.*schedule.*\nadded\toften\t\n$/),
  });
  expect(await cron(['apply', '-', '--prune', '--yes'], 'jobs: []')).toMatchObject({
    code: 0,
    stdout: 'removed\tbackup\t\nremoved\toffsite\t\nremoved\toften\t\n',
  });
});

test('a crontab is simulated without a store', async () => {
  const args = ['cron', 'simulate', '-', '--tz', 'America/New_York', '--from', '2027-03-08', '--to', '2027-03-15'];
  expect(await runDsJson(args, { input: CRONTAB })).toMatchObject({
    // From midnight to midnight in New York, with an hour less.
    slots: 7 + 7 * 96 - 4,
    collisions: 7,
    clock_changes: [{ job: 'backup', effect: 'moved', local: '2027-03-14T02:30:00', at: '2027-03-14T07:00:00.000Z' }],
  });
  expect(await runDs([...args, '--to', '2027-03-01'], { input: CRONTAB })).toMatchObject({ code: 2 });
});

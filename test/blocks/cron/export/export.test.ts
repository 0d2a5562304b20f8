import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { writeKubernetes } from '../../../../src/blocks/cron/export/kubernetes.js';
import { writeSystemd } from '../../../../src/blocks/cron/export/systemd.js';
import { readJobSpec } from '../../../../src/blocks/cron/spec.js';

const job = (raw: object) => {
  return readJobSpec({ name: 'backup', command: 'x', schedule: '@daily', ...raw }, '', { timeZone: 'UTC' });
};
const http = { command: undefined, http: { url: 'http://a/' } };

describe('a job for systemd', () => {
  it('is a service and a timer', () => {
    const { files, warnings } = writeSystemd([
      job({
        name: 'db/backup@1',
        description: '100% of it\\',
        schedule: '30 2 1 * mon',
        tz: 'Europe/Berlin',
        command: 'echo "$HOME" \\100%\n\tdone',
        cwd: '/srv/50%',
        env: { A: 'b "c" $d' },
        'env-file': '/etc/secret',
        stdin: 'two\nlines',
        timeout: '90s',
        'kill-after': 0,
        jitter: '1m',
        'catch-up': 'last',
        retries: 2,
        mutex: 'disk',
      }),
    ]);
    expect(Object.fromEntries(files.map(({ filename, text }) => [filename, text]))).toEqual({
      'ds-cron-db-backup-1.service': `[Unit]
Description=100%% of it

[Service]
Type=oneshot
ExecStart="/bin/sh" -c "echo \\"$$HOME\\" \\\\100%%\\n\\tdone"
WorkingDirectory=/srv/50%%
Environment="A=b \\"c\\" $d"
EnvironmentFile=/etc/secret
StandardInput=data
StandardInputData=dHdvCmxpbmVz
TimeoutStartSec=90s
TimeoutStopSec=1ms
`,
      'ds-cron-db-backup-1.timer': `[Unit]
Description=When db/backup@1 is due

[Timer]
OnCalendar=*-*-01 02:30:00 Europe/Berlin
OnCalendar=Mon *-*-* 02:30:00 Europe/Berlin
AccuracySec=1s
RandomizedDelaySec=60s
Persistent=true

[Install]
WantedBy=timers.target
`,
    });
    expect(warnings).toEqual([
      'db/backup@1: systemd has its own rules for changes of the clocks',
      'db/backup@1: systemd makes up for a run however old, not only within 7d',
      'db/backup@1: its delay is another one each time',
      'db/backup@1: systemd has no mutex, retries',
    ]);
  });

  it.each([
    ['*/20 * * * *', ['*-*-* *:00,20,40:00 UTC']],
    ['0 9-17 * 1-3,12 mon-fri', ['Mon,Tue,Wed,Thu,Fri *-01..03,12-* 09..17:00:00 UTC']],
    ['15 0 */10 * sun', ['Sun *-*-01,11,21,31 00:15:00 UTC']],
    ['0 0 L,15 * *', ['*-*-15 00:00:00 UTC', '*-*~01 00:00:00 UTC']],
    ['0 0 * * 5#2,5L', ['Fri *-*-08..14 00:00:00 UTC', 'Fri *-*~07/1 00:00:00 UTC']],
    ['*/30 0 0 1 1 * 2030', ['2030-01-01 00:00:00,30 UTC']],
    ['at 2030-01-02T03:04', ['2030-01-02 03:04:00 UTC']],
  ])('is due as %s says', (schedule, lines) => {
    const timer = writeSystemd([job({ schedule })]).files[1]?.text ?? '';
    expect([...timer.matchAll(/^OnCalendar=(.*)$/gm)].map(([, line]) => line)).toEqual(lines);
  });

  it('is left out where systemd cannot say what it is, and why is told', () => {
    const { files, warnings } = writeSystemd([
      job({ name: 'near', schedule: '0 0 15W * *' }),
      job({ name: 'both', schedule: '0 0 */2 * 5#1' }),
      job({ name: 'asked', schedule: undefined }),
      job({ name: 'later', schedule: 'in 10m' }),
      job({ name: 'http', ...http }),
      job({ name: 'path', cwd: '/a\nExecStart=evil' }),
      job({ name: 'a@b', schedule: '@every 90s' }),
      job({ name: 'a/b', schedule: '@reboot' }),
    ]);
    expect(files.map(({ filename }) => filename)).toEqual(['ds-cron-a-b.service', 'ds-cron-a-b.timer']);
    expect(files[1]?.text).toContain('OnActiveSec=90s\nOnUnitActiveSec=90s\n');
    expect(warnings).toEqual([
      'near is left out: OnCalendar= cannot say "0 0 15W * *"',
      'both is left out: OnCalendar= cannot say "0 0 */2 * 5#1"',
      'asked is left out: it has no schedule',
      'later is left out: its schedule counts from when it is added',
      'http is left out: systemd runs commands only; this job has http',
      'path is left out: a unit cannot say the path "/a\\nExecStart=evil"',
      'a@b: it is counted from its last start',
      'a/b is left out: its name there, ds-cron-a-b, is that of a@b',
    ]);
  });
});

describe('a job for Kubernetes', () => {
  it('is a CronJob', () => {
    const { text, warnings } = writeKubernetes(
      [
        job({
          name: 'DB/Backup_1',
          schedule: '30 2 * * 7,fri-mon',
          tz: 'Europe/Berlin',
          command: 'echo $$ $(date)',
          cwd: '/srv',
          env: { A: '$(B)' },
          timeout: '90s',
          retries: 2,
          concurrency: 'cancel-other',
          'start-deadline': '5m',
          'catch-up': 'last',
          notify: { webhook: 'http://a/' },
        }),
      ],
      'debian:12',
    );
    expect(parse(text)).toEqual({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'db-backup-1', annotations: { 'kubernetes.io/description': 'DB/Backup_1' } },
      spec: {
        schedule: '30 2 * * 0-1,5-6',
        timeZone: 'Europe/Berlin',
        concurrencyPolicy: 'Replace',
        startingDeadlineSeconds: 300,
        jobTemplate: {
          spec: {
            backoffLimit: 2,
            template: {
              spec: {
                restartPolicy: 'Never',
                terminationGracePeriodSeconds: 10,
                activeDeadlineSeconds: 90,
                containers: [
                  {
                    name: 'job',
                    image: 'debian:12',
                    command: ['/bin/sh', '-c', 'echo $$$$ $$(date)'],
                    workingDir: '/srv',
                    env: [{ name: 'A', value: '$$(B)' }],
                  },
                ],
              },
            },
          },
        },
      },
    });
    expect(warnings).toEqual([
      'DB/Backup_1: Kubernetes has its own rules for changes of the clocks',
      'DB/Backup_1: Kubernetes waits 10s before the first retry, and at most 6m',
      'DB/Backup_1: Kubernetes may start a slot twice',
      'DB/Backup_1: Kubernetes has no notify',
    ]);
  });

  it.each([
    ['@daily', '0 0 * * *'],
    ['*/20 * 1-31 * mon', '0,20,40 * * * *'],
    ['0 0 1 * mon', '0 0 1 * 1'],
    ['0 0 * * */2', '0 0 * * 0,2,4,6'],
    ['0 30 2 * * *', '30 2 * * *'],
    ['@every 1h30m', '@every 5400s'],
  ])('is due as %s says', (schedule, written) => {
    expect(parse(writeKubernetes([job({ schedule })], 'a').text)).toMatchObject({ spec: { schedule: written } });
  });

  it('is left out where Kubernetes cannot say what it is, and why is told', () => {
    const { text, warnings } = writeKubernetes(
      [
        ...[
          '0 0 */2 * mon',
          '0 0 L * *',
          '5 * * * * *',
          '0 0 0 1 1 * 2030',
          '@reboot',
          'at 2030-01-01',
          '@every 1500ms',
        ].map((schedule, index) => job({ name: `no-${index}`, schedule })),
        job({ name: 'http', ...http }),
        job({ name: 'input', stdin: 'x' }),
        job({ name: '__' }),
        job({ name: 'two', concurrency: 'buffer-all', 'catch-up': 'last', delivery: 'at-least-once' }),
      ],
      'a',
    );
    expect(warnings.slice(0, 7).every((line) => line.includes('a CronJob cannot say "'))).toBe(true);
    expect(warnings.slice(7)).toEqual([
      'http is left out: a CronJob runs commands only; this job has http',
      'input is left out: a CronJob gives its command no standard input',
      '__: Kubernetes makes up for the last slot that was missed; there is no catch-up skip',
      '__: Kubernetes may start a slot twice',
      'two: Kubernetes drops what is due while it runs',
    ]);
    const names = parseAllDocuments(text).map((document) => document.getIn(['metadata', 'name']));
    expect(names).toEqual(['job', 'two']);
  });
});

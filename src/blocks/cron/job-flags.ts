/** What flags `ds cron add` and `edit` take, as data; typed-job.ts makes a job of them. */
import type { TextFlag } from '../../platform/config/text-flag.js';
import { catchUpPolicies, clockChangePolicies, concurrencyPolicies, deliveries } from './job.js';

/** In the order of help. */
export const jobOptions = {
  schedule: {
    value: 'EXPR',
    about:
      "when: '30 2 * * *', '@every 90s', @reboot, 'at 2026-11-30T08:00', 'in 10m'; without it only when asked, or after another job",
  },
  tz: {
    value: 'ZONE',
    about: "time zone of the schedule, such as Europe/Berlin (default for a new job: the machine's)",
  },
  dst: { value: 'POLICY', about: 'fixed times when clocks change', choices: clockChangePolicies },
  jitter: { value: 'DURATION', about: 'starts up to so much later, by an amount that is fixed for each slot' },
  command: { value: 'TEXT', about: 'what the shell runs; or write it behind --' },
  http: { value: 'URL', about: 'request to make instead of a command' },
  method: { value: 'WORD', about: 'of the request (default: GET, with a body POST)' },
  header: { value: 'NAME:VALUE', about: 'of the request; may be given several times', multiple: true },
  'headers-file': { value: 'PATH', about: 'file of further headers, whose values are masked in the output' },
  body: { value: 'TEXT', about: 'of the request' },
  expect: {
    value: 'STATUS',
    about: 'status that means success (default: 200 to 299); may be given several times',
    multiple: true,
  },
  shell: { value: 'PATH', about: 'shell of the command' },
  cwd: { value: 'PATH', about: 'folder that the command runs in' },
  env: { value: 'NAME=VALUE', about: 'for the command; may be given several times', multiple: true },
  'env-file': {
    value: 'PATH',
    about: 'file of NAME=VALUE lines, read at each start; its values are masked in the output',
  },
  stdin: { value: 'TEXT', about: 'what the command reads' },
  timeout: { value: 'DURATION', about: 'SIGTERM after so long; 0 for never' },
  'kill-after': { value: 'DURATION', about: 'SIGKILL so long after SIGTERM' },
  retries: { value: 'N', about: 'attempts after one that failed' },
  'retry-delay': { value: 'DURATION', about: 'before the first retry; doubles with each' },
  concurrency: { value: 'POLICY', about: 'when a slot comes while a run goes on', choices: concurrencyPolicies },
  mutex: {
    value: 'NAME',
    about: 'of all jobs with this mutex one runs at a time; may be given several times',
    multiple: true,
  },
  'catch-up': { value: 'POLICY', about: 'slots that passed while no scheduler ran', choices: catchUpPolicies },
  'catch-up-window': { value: 'DURATION', about: 'older ones never run' },
  'catch-up-most': { value: 'N', about: 'of those at most so many, the newest' },
  'start-deadline': { value: 'DURATION', about: 'a slot that has not started by then is missed; 0 for none' },
  after: { value: 'JOB', about: 'runs when this job has succeeded; JOB:failure or JOB:any for other ends' },
  delivery: {
    value: 'PROMISE',
    about: 'when the process that runs it dies',
    choices: deliveries,
  },
  output: { value: 'SIZE', about: 'output that is kept of each attempt, as 64KB or 1MiB: its first and its last half' },
  'notify-on': {
    value: 'EVENT',
    about: 'failure, recovery, late or overrun (default: all); may be given several times',
    multiple: true,
  },
  'notify-command': { value: 'TEXT', about: 'command that is told, by DS_CRON_EVENT … and JSON on its stdin' },
  webhook: { value: 'URL', about: 'is told by POST, as JSON' },
  'late-after': {
    value: 'DURATION',
    about: 'late: not started, or for an external job not heard of, so long after its slot',
  },
  'overrun-after': { value: 'DURATION', about: 'overrun: not ended so long after its start' },
  description: { value: 'TEXT', about: 'for people' },
} as const satisfies Readonly<Record<string, TextFlag>>;

/** Of the one flag that has no value. */
export const externalAbout = 'runs elsewhere: tells by pings, or by ds cron exec';

/** What flags `ds cron add` and `edit` take, as data; typed-job.ts makes a job of them. */
import type { TextFlag } from '../../platform/config/text-flag.js';
import { catchUpPolicies, clockChangePolicies, concurrencyPolicies, deliveries } from './job.js';

/** Of commands that are asked about a schedule which belongs to no job yet. */
export const scheduleOptions = {
  tz: { value: 'ZONE', about: 'time zone, as Europe/Berlin', byDefault: "the machine's" },
  dst: { value: 'POLICY', about: 'what changes of the clocks do', byDefault: 'vixie', choices: clockChangePolicies },
  seed: { value: 'NAME', about: 'name of the job, for H and ~' },
} as const satisfies Readonly<Record<string, TextFlag>>;

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
  dst: { value: 'POLICY', about: 'fixed times when clocks change', byDefault: 'vixie', choices: clockChangePolicies },
  jitter: {
    value: 'DURATION',
    about: 'starts up to so much later, by an amount that is fixed for each slot',
    byDefault: '0',
  },
  command: { value: 'TEXT', about: 'line that the shell runs; or a program and its arguments behind --' },
  http: { value: 'URL', about: 'request to make instead of a command' },
  method: { value: 'WORD', about: 'of the request (default: GET, with a body POST)' },
  header: { value: 'NAME:VALUE', about: 'of the request', multiple: true },
  'headers-file': {
    value: 'PATH',
    about: 'absolute path of a file of further headers, whose values are masked in the output',
  },
  body: { value: 'TEXT', about: 'of the request' },
  expect: {
    value: 'STATUS',
    about: 'status that means success',
    byDefault: '200 to 299',
    multiple: true,
  },
  shell: { value: 'PATH', about: 'shell of the command', byDefault: '/bin/sh' },
  cwd: {
    value: 'PATH',
    about: 'folder that the command runs in, as an absolute path',
    byDefault: 'HOME of the daemon',
  },
  env: { value: 'NAME=VALUE', about: 'for the command', multiple: true },
  // Not --env-file: Node reads that one of a program's own arguments, and ends where the file is not on this machine.
  'environment-file': {
    value: 'PATH',
    about:
      'absolute path of a file of NAME=VALUE lines, read at each start; its values are masked in the output; env-file in YAML',
  },
  stdin: { value: 'TEXT', about: 'what the command reads' },
  timeout: { value: 'DURATION', about: 'SIGTERM after so long; 0 for never', byDefault: '0' },
  'kill-after': { value: 'DURATION', about: 'SIGKILL so long after SIGTERM', byDefault: '10s' },
  retries: { value: 'N', about: 'attempts after one that failed', byDefault: '0' },
  'retry-delay': {
    value: 'DURATION',
    about: 'before the first retry; doubles with each, up to an hour; up to half of it is taken off, at random',
    byDefault: '10s',
  },
  concurrency: {
    value: 'POLICY',
    about: 'when a slot comes while a run goes on or waits',
    byDefault: 'skip',
    choices: concurrencyPolicies,
  },
  mutex: {
    value: 'NAME',
    about: 'of all jobs with this mutex one runs at a time',
    multiple: true,
  },
  'catch-up': {
    value: 'POLICY',
    about: 'which slots run that passed while no scheduler ran, as far as --concurrency lets them',
    byDefault: 'skip',
    choices: catchUpPolicies,
  },
  'catch-up-window': { value: 'DURATION', about: 'older ones never run', byDefault: '7d' },
  'catch-up-most': { value: 'N', about: 'of those at most so many, the newest', byDefault: '100' },
  'start-deadline': {
    value: 'DURATION',
    about: 'a slot that has not started by then is missed; 0 for none',
    byDefault: '0',
  },
  after: { value: 'JOB', about: 'runs when this job has succeeded; JOB:failure or JOB:any for other ends' },
  delivery: {
    value: 'PROMISE',
    about: 'when the process that runs it dies',
    byDefault: 'at-most-once',
    choices: deliveries,
  },
  output: {
    value: 'SIZE',
    about: 'output that is kept of each attempt, as 64KB or 1MiB: its first and its last half',
    byDefault: '1MiB',
  },
  'notify-on': {
    value: 'EVENT',
    about: 'failure, recovery, late or overrun',
    byDefault: 'all',
    multiple: true,
  },
  'notify-command': { value: 'TEXT', about: 'command that is told, by DS_CRON_EVENT … and JSON on its stdin' },
  webhook: { value: 'URL', about: 'is told by POST, as JSON {event, job, run}' },
  'late-after': {
    value: 'DURATION',
    about: 'late: not started, or for an external job not heard of, so long after its slot',
    byDefault: '5m',
  },
  'overrun-after': {
    value: 'DURATION',
    about: 'overrun: not ended so long after its start; 0 for never',
    byDefault: '0',
  },
  description: { value: 'TEXT', about: 'for people' },
} as const satisfies Readonly<Record<string, TextFlag>>;

/** Of the one flag that has no value. */
export const externalAbout = 'runs elsewhere: tells by pings, or by ds cron exec';

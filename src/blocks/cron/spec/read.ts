/** A job of which nothing is known yet, checked and completed. */

import { present } from '../../../platform/present.js';
import {
  type After,
  afterEnds,
  type CatchUp,
  catchUpPolicies,
  clockChangePolicies,
  concurrencyPolicies,
  deliveries,
  type JobSpec,
  type Notifications,
  notificationEvents,
  type PauseWindow,
  type Retries,
  type Schedule,
} from '../job.js';
import { actionKeys, readAction, readUrl } from './action.js';
import { bounds, defaultCatchUp, defaultRetries, defaultSpec } from './defaults.js';
import { RawMapping } from './raw-mapping.js';

export interface SpecDefaults {
  /** IANA name, for jobs that name none. */
  readonly timeZone: string;
  /** Makes the ping key of an external job that names none, a UUID; without it such a job is refused. */
  readonly pingKey?: () => string;
}

const jobKeys = [
  ...['name', 'description', 'schedule', 'tz', 'dst', 'jitter', ...actionKeys],
  ...['timeout', 'kill-after', 'retries', 'concurrency', 'mutex', 'catch-up', 'start-deadline', 'after', 'pauses'],
  ...['delivery', 'output', 'notify', 'late-after', 'overrun-after'],
];

const NAME = /^[A-Za-z0-9._/@:-]{1,128}$/;
const NAME_RULE = '1 to 128 letters, digits and . _ - / @ :';
const nameBounds = { mostBytes: 1024, pattern: NAME, wanted: NAME_RULE };

/**
 * @param raw from YAML, from JSON, or gathered from flags; nothing of it is trusted
 * @param where for the front of messages: `jobs.yaml: jobs[2]`; may be empty
 *
 * What a schedule means is read by schedule.ts, not here. Error: `cron.bad_job`, with the key in details.
 */
export function readJobSpec(raw: unknown, where: string, defaults: SpecDefaults): JobSpec {
  const job = new RawMapping(raw, where, '', jobKeys);
  const name = job.text('name', nameBounds);
  if (name === undefined) throw job.fail('name', 'is missing');
  const description = job.text('description', { mostBytes: bounds.descriptionBytes, mayBeEmpty: true });
  return {
    name,
    ...(description !== undefined && description !== '' && { description }),
    schedule: readSchedule(job, defaults),
    action: readAction(job, defaults.pingKey),
    ...readLimits(job),
    retries: readRetries(job),
    catchUp: readCatchUp(job),
    ...present({ after: readAfter(job) }),
    pauses: readPauses(job),
    notifications: readNotifications(job),
  };
}

function readSchedule(job: RawMapping, defaults: SpecDefaults): Schedule {
  const expression = job.text('schedule', { mostBytes: bounds.scheduleBytes, pattern: /\S/, wanted: 'a schedule' });
  return {
    ...(expression !== undefined && { expression }),
    timeZone: readTimeZone(job) ?? defaults.timeZone,
    clockChanges: job.choice('dst', clockChangePolicies) ?? defaultSpec.schedule.clockChanges,
    jitterMs: job.duration('jitter') ?? defaultSpec.schedule.jitterMs,
  };
}

function readTimeZone(job: RawMapping): string | undefined {
  const wanted = 'a time zone such as Europe/Berlin';
  const zone = job.text('tz', { mostBytes: 64, pattern: /^[A-Za-z][A-Za-z0-9_+/-]*$/, wanted });
  if (zone === undefined || isTimeZone(zone)) return zone;
  throw job.refuse('tz', zone, wanted, 'see their names: timedatectl list-timezones');
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function readLimits(job: RawMapping) {
  const mutexes = job.list('mutex', bounds.mutexes)?.map((name) => job.checkText('mutex', name, nameBounds));
  return {
    timeoutMs: job.duration('timeout') ?? defaultSpec.timeoutMs,
    killAfterMs: job.duration('kill-after') ?? defaultSpec.killAfterMs,
    concurrency: job.choice('concurrency', concurrencyPolicies) ?? defaultSpec.concurrency,
    mutexes: [...new Set(mutexes)],
    startDeadlineMs: job.duration('start-deadline') ?? defaultSpec.startDeadlineMs,
    delivery: job.choice('delivery', deliveries) ?? defaultSpec.delivery,
    outputBytes: job.size('output', bounds.outputBytes) ?? defaultSpec.outputBytes,
    lateAfterMs: job.duration('late-after') ?? defaultSpec.lateAfterMs,
    overrunAfterMs: job.duration('overrun-after') ?? defaultSpec.overrunAfterMs,
  };
}

function readRetries(job: RawMapping): Retries {
  if (!isMapping(job.raw('retries'))) {
    return { ...defaultRetries, most: job.count('retries', 0, bounds.retries) ?? defaultRetries.most };
  }
  const retries = job.nested('retries', ['most', 'delay', 'longest-delay', 'jitter']);
  const delayMs = retries.duration('delay') ?? defaultRetries.delayMs;
  const longestDelayMs = retries.duration('longest-delay') ?? Math.max(delayMs, defaultRetries.longestDelayMs);
  if (longestDelayMs < delayMs) throw retries.fail('longest-delay', 'is shorter than delay');
  return {
    most: retries.count('most', 0, bounds.retries) ?? defaultRetries.most,
    delayMs,
    longestDelayMs,
    jitter: retries.share('jitter') ?? defaultRetries.jitter,
  };
}

function readCatchUp(job: RawMapping): CatchUp {
  if (!isMapping(job.raw('catch-up'))) {
    return { ...defaultCatchUp, policy: job.choice('catch-up', catchUpPolicies) ?? defaultCatchUp.policy };
  }
  const catchUp = job.nested('catch-up', ['policy', 'window', 'most']);
  return {
    policy: catchUp.choice('policy', catchUpPolicies) ?? defaultCatchUp.policy,
    windowMs: catchUp.duration('window') ?? defaultCatchUp.windowMs,
    most: catchUp.count('most', 1, bounds.catchUp) ?? defaultCatchUp.most,
  };
}

function readAfter(job: RawMapping): After | undefined {
  const value = job.raw('after');
  if (value === undefined) return undefined;
  if (!isMapping(value)) return { job: job.checkText('after', value, nameBounds), on: 'success' };
  const after = job.nested('after', ['job', 'on']);
  const name = after.text('job', nameBounds);
  if (name === undefined) throw after.fail('job', 'is missing');
  return { job: name, on: after.choice('on', afterEnds) ?? 'success' };
}

function readPauses(job: RawMapping): PauseWindow[] {
  return (job.list('pauses', bounds.pauses) ?? []).map((raw, index) => {
    const pause = new RawMapping(raw, job.where, `pauses[${index}]`, ['from', 'until', 'reason']);
    const from = pause.instant('from');
    if (from === undefined) throw pause.fail('from', 'is missing');
    const until = pause.instant('until');
    if (until === undefined) throw pause.fail('until', 'is missing');
    if (until <= from) throw pause.fail('until', 'is not after from');
    const reason = readReason(pause);
    return { from, until, ...(reason !== undefined && reason !== '' && { reason }) };
  });
}

/** Of a pause by hand: short, since each slot that it skips repeats it. Error: `cron.bad_job`. */
export function readPauseReason(reason: string | undefined): string | undefined {
  return readReason(new RawMapping({ reason }, '', ''));
}

function readReason(pause: RawMapping): string | undefined {
  return pause.text('reason', { mostBytes: bounds.descriptionBytes, mayBeEmpty: true });
}

/** Who gives a command or a webhook and no list is told of everything. */
function readNotifications(job: RawMapping): Notifications {
  if (!job.has('notify')) return defaultSpec.notifications;
  const notify = job.nested('notify', ['on', 'command', 'webhook']);
  const command = notify.text('command', { mostBytes: bounds.textBytes, pattern: /\S/, wanted: 'a command' });
  const webhook = readUrl(notify, 'webhook', "tell by a command: --notify-command 'curl --netrc -d @- URL'");
  if (command === undefined && webhook === undefined) throw notify.fail('', 'has neither command nor webhook');
  const events = notify
    .list('on', notificationEvents.length)
    ?.map((event) => notify.checkChoice('on', event, notificationEvents));
  return {
    on: [...new Set(events ?? notificationEvents)],
    ...(command !== undefined && { command }),
    ...(webhook !== undefined && { webhook }),
  };
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

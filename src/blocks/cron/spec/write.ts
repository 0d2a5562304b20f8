/** A job in the form in which people write it. */

import { present } from '../../../platform/present.js';
import { formatDuration } from '../../../platform/units.js';
import { type Action, type JobSpec, type Notifications, notificationEvents, type PauseWindow } from '../job.js';
import { defaultMethod } from './action.js';
import { DEFAULT_SHELL, defaultCatchUp, defaultRetries, defaultSpec } from './defaults.js';
import type { SpecDefaults } from './read.js';
import { writeSize } from './size.js';

/**
 * Only what differs from the defaults; `readJobSpec` makes the same job of it. The time zone is written unless it is that of
 * `defaults`.
 */
export function writeJobSpec(spec: JobSpec, defaults?: SpecDefaults): Record<string, unknown> {
  const { name, description, schedule, action, after, pauses } = spec;
  return present({
    name,
    description,
    schedule: schedule.expression,
    tz: unless(schedule.timeZone, defaults?.timeZone),
    dst: unless(schedule.clockChanges, defaultSpec.schedule.clockChanges),
    jitter: duration(schedule.jitterMs, defaultSpec.schedule.jitterMs),
    ...writeAction(action),
    ...writeLimits(spec),
    retries: writeRetries(spec),
    'catch-up': writeCatchUp(spec),
    after: after?.on === 'success' ? after.job : after,
    pauses: pauses.length === 0 ? undefined : pauses.map(writePause),
    notify: writeNotifications(spec.notifications),
  });
}

function writeAction(action: Action): Record<string, unknown> {
  switch (action.kind) {
    case 'command':
      return {
        command: action.command,
        shell: unless(action.shell, DEFAULT_SHELL),
        cwd: action.folder,
        env: unlessEmpty(action.environment),
        'env-file': action.environmentFile,
        stdin: action.input,
      };
    case 'http': {
      const { method, url, headers, headersFile, body, expect } = action;
      return {
        http: present({
          method: unless(method, defaultMethod(body)),
          url,
          headers: unlessEmpty(headers),
          'headers-file': headersFile,
          body,
          expect: expect === undefined ? undefined : [...expect],
        }),
      };
    }
    case 'external':
      return { external: { 'ping-key': action.pingKey } };
  }
}

function writeLimits(spec: JobSpec): Record<string, unknown> {
  const [mutex, ...further] = spec.mutexes;
  return {
    timeout: duration(spec.timeoutMs, defaultSpec.timeoutMs),
    'kill-after': duration(spec.killAfterMs, defaultSpec.killAfterMs),
    concurrency: unless(spec.concurrency, defaultSpec.concurrency),
    mutex: further.length === 0 ? mutex : [...spec.mutexes],
    'start-deadline': duration(spec.startDeadlineMs, defaultSpec.startDeadlineMs),
    delivery: unless(spec.delivery, defaultSpec.delivery),
    output: spec.outputBytes === defaultSpec.outputBytes ? undefined : writeSize(spec.outputBytes),
    'late-after': duration(spec.lateAfterMs, defaultSpec.lateAfterMs),
    'overrun-after': duration(spec.overrunAfterMs, defaultSpec.overrunAfterMs),
  };
}

function writeRetries({ retries }: JobSpec): unknown {
  const how = present({
    delay: duration(retries.delayMs, defaultRetries.delayMs),
    'longest-delay': duration(retries.longestDelayMs, defaultRetries.longestDelayMs),
    jitter: unless(retries.jitter, defaultRetries.jitter),
  });
  const most = unless(retries.most, defaultRetries.most);
  return Object.keys(how).length === 0 ? most : present({ most, ...how });
}

function writeCatchUp({ catchUp }: JobSpec): unknown {
  const how = present({
    window: duration(catchUp.windowMs, defaultCatchUp.windowMs),
    most: unless(catchUp.most, defaultCatchUp.most),
  });
  const policy = unless(catchUp.policy, defaultCatchUp.policy);
  return Object.keys(how).length === 0 ? policy : present({ policy, ...how });
}

function writePause({ from, until, reason }: PauseWindow): Record<string, unknown> {
  return present({ from: isoInstant(from), until: isoInstant(until), reason });
}

function writeNotifications({ on, command, webhook }: Notifications): unknown {
  if (command === undefined && webhook === undefined) return undefined;
  const isAll =
    on.length === notificationEvents.length && on.every((event, index) => event === notificationEvents[index]);
  return present({ on: isAll ? undefined : [...on], command, webhook });
}

function isoInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function duration(ms: number, byDefault: number): string | undefined {
  return ms === byDefault ? undefined : formatDuration(ms);
}

function unless<Value>(value: Value, byDefault: unknown): Value | undefined {
  return value === byDefault ? undefined : value;
}

function unlessEmpty(values: Readonly<Record<string, string>>): Record<string, string> | undefined {
  return Object.keys(values).length === 0 ? undefined : { ...values };
}

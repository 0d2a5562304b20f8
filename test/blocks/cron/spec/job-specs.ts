/** Jobs of any kind, as readJobSpec could have made them. */
import fc, { type Arbitrary } from 'fast-check';
import { type Action, concurrencyPolicies, type JobSpec, notificationEvents } from '../../../../src/blocks/cron/job.js';
import { bounds } from '../../../../src/blocks/cron/spec/defaults.js';

const name = () => fc.stringMatching(/^[A-Za-z0-9._/@:-]{1,20}$/);
const duration = () => fc.nat({ max: 3660 * 86_400_000 });
/** Whole code points without NUL. */
const text = () =>
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((value) => !value.includes('\0'));
const command = () => text().filter((value) => /\S/.test(value));
const url = () => fc.webUrl({ withQueryParameters: true });
const path = () => text().map((value) => `/${value}`);

/** Keys that are undefined are left out, as exactOptionalPropertyTypes has it. */
function whole<Shape extends object>(shape: Arbitrary<Shape>): Arbitrary<Shape> {
  return shape.map(
    (value) => Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Shape,
  );
}

function commandAction(): Arbitrary<Action> {
  return fc.record(
    {
      kind: fc.constant('command' as const),
      command: command(),
      shell: fc.constantFrom('/bin/sh', '/bin/bash'),
      folder: path(),
      environment: fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/), text(), { noNullPrototype: true }),
      environmentFile: path(),
      input: text(),
    },
    { requiredKeys: ['kind', 'command', 'shell', 'environment'] },
  );
}

function httpAction(): Arbitrary<Action> {
  return fc.record(
    {
      kind: fc.constant('http' as const),
      method: fc.constantFrom('GET', 'POST', 'DELETE'),
      url: url(),
      headers: fc.dictionary(fc.stringMatching(/^X-[a-z]{1,8}$/), fc.stringMatching(/^[\x20-\x7e]{0,20}$/), {
        noNullPrototype: true,
      }),
      headersFile: path(),
      body: text(),
      expect: fc.array(fc.integer({ min: 100, max: 599 }), { maxLength: 4 }),
    },
    { requiredKeys: ['kind', 'method', 'url', 'headers'] },
  );
}

function actions(): Arbitrary<Action> {
  const external = fc.uuid().map((pingKey): Action => ({ kind: 'external', pingKey }));
  return fc.oneof(commandAction(), httpAction(), external);
}

function pause() {
  const instant = fc.nat({ max: 253_402_300_799_000 });
  return fc
    .record({ from: instant, lasts: fc.integer({ min: 1, max: 1e9 }), reason: fc.option(text(), { nil: undefined }) })
    .map(({ from, lasts, reason }) => ({
      from,
      until: Math.min(from + lasts, 253_402_300_799_999),
      ...(reason !== undefined && { reason }),
    }));
}

function notifications(): Arbitrary<JobSpec['notifications']> {
  const on = fc.shuffledSubarray([...notificationEvents]);
  const told = fc.oneof(
    fc.record({ on, command: command() }),
    fc.record({ on, webhook: url() }),
    fc.record({ on, command: command(), webhook: url() }),
  );
  return fc.oneof(fc.constant({ on: [] }), told);
}

export function jobSpecs(): Arbitrary<JobSpec> {
  const shape = fc.record({
    name: name(),
    description: fc.option(text(), { nil: undefined }),
    schedule: fc.record(
      {
        expression: fc.constantFrom('30 2 * * *', '@every 90s', '@reboot'),
        timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'),
        clockChanges: fc.constantFrom('vixie', 'skip', 'both'),
        jitterMs: duration(),
      },
      { requiredKeys: ['timeZone', 'clockChanges', 'jitterMs'] },
    ),
    action: actions(),
    timeoutMs: duration(),
    killAfterMs: duration(),
    retries: fc
      .record({
        most: fc.nat({ max: 1000 }),
        delayMs: duration(),
        longestDelayMs: duration(),
        jitter: fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs),
      })
      .map((retries) => ({ ...retries, longestDelayMs: Math.max(retries.delayMs, retries.longestDelayMs) })),
    concurrency: fc.constantFrom(...concurrencyPolicies),
    mutexes: fc.uniqueArray(name(), { maxLength: 32 }),
    catchUp: fc.record({
      policy: fc.constantFrom('skip', 'last', 'all'),
      windowMs: duration(),
      most: fc.integer({ min: 1, max: 100_000 }),
    }),
    startDeadlineMs: duration(),
    after: fc.option(fc.record({ job: name(), on: fc.constantFrom('success', 'failure', 'any') }), { nil: undefined }),
    pauses: fc.array(pause(), { maxLength: 3 }),
    delivery: fc.constantFrom('at-most-once', 'at-least-once'),
    outputBytes: fc.oneof(
      fc.nat({ max: bounds.outputBytes }),
      fc.nat({ max: bounds.outputBytes / 1024 ** 2 }).map((mebibytes) => mebibytes * 1024 ** 2),
    ),
    notifications: notifications(),
    lateAfterMs: duration(),
    overrunAfterMs: duration(),
  });
  return whole(shape) as Arbitrary<JobSpec>;
}

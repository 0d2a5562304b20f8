/** The way back from json.ts, for the client of the API: a daemon of another version may send more, and never less. */
import { messageOf } from '../../../platform/errors.js';
import type { Job, Status } from '../book.js';
import { cronErrors } from '../errors.js';
import type { JobSpec } from '../job.js';
import { type OutputChunk, type Run, type RunState, runStates, triggers } from '../run.js';
import { readJobSpec } from '../spec.js';

/** The fields of an object of which nothing is known yet. Errors: `cron.daemon_unreachable`, naming what is wrong. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(`${what} is no object`);
    this.#values = { ...value };
    this.#what = what;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(name, 'a text');
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name];
    return value === undefined || typeof value === 'string' ? value : this.#refuse(name, 'a text');
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? this.#refuse(name, 'a number');
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#values[name];
    return value === undefined || typeof value === 'number' ? value : this.#refuse(name, 'a number');
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  instant(name: string): number {
    return this.optionalInstant(name) ?? this.#refuse(name, 'a time');
  }

  optionalInstant(name: string): number | undefined {
    const text = this.optionalText(name);
    if (text === undefined) return undefined;
    const instant = Date.parse(text);
    return Number.isNaN(instant) ? this.#refuse(name, 'a time') : instant;
  }

  object(name: string): Fields {
    return new Fields(this.#values[name], `${name} of ${this.#what}`);
  }

  optionalObject(name: string): Fields | undefined {
    return this.#values[name] === undefined ? undefined : this.object(name);
  }

  list<Item>(name: string, read: (item: unknown) => Item): readonly Item[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(read) : this.#refuse(name, 'a list');
  }

  entries(): readonly (readonly [string, unknown])[] {
    return Object.entries(this.#values);
  }

  #refuse(name: string, wanted: string): never {
    throw unexpected(`${name} of ${this.#what} is not ${wanted}`);
  }
}

function unexpected(problem: string, hint = 'is there a ds cron serve behind the URL?') {
  return cronErrors.error('cron.daemon_unreachable', `the answer cannot be read: ${problem}`, { hint });
}

/** Without the keys that have no value. */
function defined<Values extends Record<string, unknown>>(
  values: Values,
): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Values]?: Exclude<Values[Key], undefined>;
  };
}

function oneOf<Name extends string>(names: readonly Name[], text: string): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) throw unexpected(`${JSON.stringify(text)} is not known here`);
  return found;
}

export function readRun(value: unknown): Run {
  const run = new Fields(value, 'a run');
  return {
    id: run.number('id'),
    job: run.text('job'),
    trigger: oneOf(triggers, run.text('trigger')),
    slot: run.instant('slot'),
    dueAt: run.instant('due_at'),
    state: oneOf<RunState>(runStates, run.text('state')),
    reason: run.optionalText('reason') ?? '',
    attempt: run.number('attempt'),
    fence: run.number('fence'),
    outputBytes: run.number('output_bytes'),
    ...defined({
      worker: run.optionalText('worker'),
      startedAt: run.optionalInstant('started_at'),
      finishedAt: run.optionalInstant('finished_at'),
      exitCode: run.optionalNumber('exit_code'),
      signal: run.optionalText('signal'),
    }),
  };
}

/** A newer daemon may have jobs that cannot be said here. */
function readSpec(raw: Readonly<Record<string, unknown>>): JobSpec {
  try {
    return readJobSpec(raw, 'a job', { timeZone: 'UTC' });
  } catch (error) {
    throw unexpected(messageOf(error), 'is the ds cron serve behind the URL newer than this ds?');
  }
}

export function readJob(value: unknown): Job {
  const job = new Fields(value, 'a job');
  const name = job.text('name');
  const spec = Object.fromEntries(job.object('spec').entries());
  const last = job.optionalObject('last');
  return {
    spec: readSpec({ ...spec, name }),
    paused: job.flag('paused'),
    createdAt: job.instant('created_at'),
    updatedAt: job.instant('updated_at'),
    accountedUntil: job.instant('accounted_until'),
    running: job.number('running'),
    queued: job.number('queued'),
    ...defined({
      pauseReason: job.optionalText('pause_reason'),
      pausedUntil: job.optionalInstant('paused_until'),
      nextAt: job.optionalInstant('next_at'),
      last: last === undefined ? undefined : readRun(Object.fromEntries(last.entries())),
    }),
  };
}

export function readStatus(value: unknown): Status {
  const status = new Fields(value, 'the status');
  const leader = status.optionalObject('leader');
  const day = status.object('day');
  return {
    jobs: status.number('jobs'),
    paused: status.number('paused'),
    queued: status.number('queued'),
    running: status.number('running'),
    day: Object.fromEntries(runStates.flatMap((state) => countOf(day, state))),
    workers: status.list('workers', readWorker),
    ...defined({
      nextAt: status.optionalInstant('next_at'),
      leader:
        leader === undefined
          ? undefined
          : { worker: leader.text('worker'), fence: leader.number('fence'), until: leader.instant('until') },
    }),
  };
}

function countOf(day: Fields, state: RunState): [RunState, number][] {
  const count = day.optionalNumber(state);
  return count === undefined ? [] : [[state, count]];
}

function readWorker(value: unknown) {
  const worker = new Fields(value, 'a worker');
  return { name: worker.text('name'), capacity: worker.number('capacity'), seenAt: worker.instant('seen_at') };
}

export function readChunk(value: unknown): OutputChunk {
  const chunk = new Fields(value, 'a piece of output');
  return {
    attempt: chunk.number('attempt'),
    sequence: chunk.number('sequence'),
    stream: oneOf(['stdout', 'stderr'], chunk.text('stream')),
    at: chunk.instant('at'),
    bytes: Buffer.from(chunk.text('base64'), 'base64'),
    omittedBefore: chunk.number('omitted_before'),
  };
}

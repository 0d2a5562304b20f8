/** A job as flags tell it: what flags there are, as data, and the compact form of spec.ts that they make. */
import type { TextFlag } from '../../platform/config/text-flag.js';
import { cronErrors } from './errors.js';
import { concurrencyPolicies } from './job.js';

/** Flags of `ds cron add` and `edit`, in the order of help. */
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
  dst: { value: 'POLICY', about: 'fixed times when clocks change', choices: ['vixie', 'skip', 'both'] },
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
  'catch-up': { value: 'POLICY', about: 'slots that passed while no scheduler ran', choices: ['skip', 'last', 'all'] },
  'catch-up-window': { value: 'DURATION', about: 'older ones never run' },
  'catch-up-most': { value: 'N', about: 'of those at most so many, the newest' },
  'start-deadline': { value: 'DURATION', about: 'a slot that has not started by then is missed; 0 for none' },
  after: { value: 'JOB', about: 'runs when this job has succeeded; JOB:failure or JOB:any for other ends' },
  delivery: {
    value: 'PROMISE',
    about: 'when the process that runs it dies',
    choices: ['at-most-once', 'at-least-once'],
  },
  output: { value: 'SIZE', about: 'output that is kept of each attempt: its first and its last half' },
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

type Flags = Readonly<Record<string, unknown>>;
type Raw = Record<string, unknown>;

export const externalAbout = 'runs elsewhere: tells by pings, or by ds cron exec';

const KINDS = ['command', 'http', 'external'] as const;
const COMMAND_KEYS = ['shell', 'cwd', 'env', 'env-file', 'stdin'];

/** Keys of the compact form that a flag of the same name sets. */
const PLAIN = [
  ...['schedule', 'tz', 'dst', 'jitter', 'command', 'shell', 'cwd', 'env-file', 'stdin', 'timeout', 'kill-after'],
  ...['concurrency', 'mutex', 'start-deadline', 'delivery', 'output', 'late-after', 'overrun-after', 'description'],
] as const;

/**
 * What the flags say, over what was there before (`base`, compact form too). Nothing is checked here but what only flags can have
 * wrong; `readJobSpec` checks the rest. Error: `cron.bad_job`.
 */
export function rawJobOf(flags: Flags, base: Raw = {}): Raw {
  const raw: Raw = { ...base };
  // Another kind of action takes the place of the one that was there.
  const kinds = KINDS.filter((kind) => flags[kind] !== undefined && flags[kind] !== false);
  if (kinds.length > 0)
    drop(
      raw,
      [...KINDS, ...COMMAND_KEYS].filter((key) => !kept(key, kinds)),
    );
  for (const key of PLAIN) if (flags[key] !== undefined) raw[key] = flags[key];
  if (flags['external'] === true) raw['external'] ??= {};
  const http = nested(raw['http'], { url: flags['http'], method: flags['method'], body: flags['body'] });
  const request = {
    ...http,
    ...optional('headers-file', flags['headers-file']),
    ...optional('expect', numbersOf(flags['expect'])),
  };
  const headers = pairsOf(flags['header'], ':', '--header');
  set(
    raw,
    'http',
    headers === undefined ? request : { ...request, headers: { ...mapping(http['headers']), ...headers } },
  );
  const env = pairsOf(flags['env'], '=', '--env');
  if (env !== undefined) raw['env'] = { ...mapping(raw['env']), ...env };
  set(raw, 'retries', nested(raw['retries'], { most: flags['retries'], delay: flags['retry-delay'] }, 'most'));
  set(
    raw,
    'catch-up',
    nested(
      raw['catch-up'],
      { policy: flags['catch-up'], window: flags['catch-up-window'], most: flags['catch-up-most'] },
      'policy',
    ),
  );
  set(
    raw,
    'notify',
    nested(raw['notify'], { on: flags['notify-on'], command: flags['notify-command'], webhook: flags['webhook'] }),
  );
  if (typeof flags['after'] === 'string') raw['after'] = readAfter(flags['after']);
  return raw;
}

/** What was said of the same kind of action stays. */
function kept(key: string, kinds: readonly string[]): boolean {
  return kinds.includes(key) || (kinds.includes('command') && COMMAND_KEYS.includes(key));
}

function drop(raw: Raw, keys: readonly string[]): void {
  for (const key of keys) delete raw[key];
}

function set(raw: Raw, key: string, value: Raw): void {
  if (Object.keys(value).length > 0) raw[key] = value;
}

function mapping(value: unknown): Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** Over what stands there; `single` is the key of a value that is written without its mapping. */
function nested(present: unknown, given: Raw, single?: string): Raw {
  const base =
    single !== undefined && present !== undefined && typeof present !== 'object'
      ? { [single]: present }
      : mapping(present);
  for (const [key, value] of Object.entries(given)) if (value !== undefined) base[key] = value;
  return base;
}

function optional(key: string, value: unknown): Raw {
  return value === undefined ? {} : { [key]: value };
}

function numbersOf(value: unknown): unknown {
  return Array.isArray(value) ? value.map((text) => (/^\d+$/.test(String(text)) ? Number(text) : text)) : undefined;
}

function pairsOf(value: unknown, separator: string, flag: string): Record<string, string> | undefined {
  if (!Array.isArray(value)) return undefined;
  return Object.fromEntries(
    value.map((item) => {
      const text = String(item);
      const at = text.indexOf(separator);
      if (at > 0) return [text.slice(0, at).trim(), separator === ':' ? text.slice(at + 1).trim() : text.slice(at + 1)];
      throw cronErrors.error('cron.bad_job', `${flag} is ${JSON.stringify(text)}, not NAME${separator}VALUE`, {
        details: { flag, value: text },
      });
    }),
  );
}

/** A job's name may have a colon: only the three words are ends. */
function readAfter(text: string): unknown {
  const match = /^(.+):(success|failure|any)$/.exec(text);
  return match === null ? text : { job: match[1], on: match[2] };
}

/** What a shell reads as these very words. */
export function shellCommand(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}

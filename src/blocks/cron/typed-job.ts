/** A job as flags tell it: the compact form of spec.ts that they make. */

import { present } from '../../platform/present.js';
import { quoteForShell } from '../../platform/quote-for-shell.js';
import { cronErrors } from './errors.js';
import { afterEnds } from './job.js';

type Flags = Readonly<Record<string, unknown>>;
type Raw = Readonly<Record<string, unknown>>;

const KINDS = ['command', 'http', 'external'] as const;
const COMMAND_KEYS = ['shell', 'cwd', 'env', 'env-file', 'stdin'];

/** Keys of the compact form that a flag of the same name sets. */
const PLAIN = [
  ...['schedule', 'tz', 'dst', 'jitter', 'command', 'shell', 'cwd', 'stdin', 'timeout', 'kill-after'],
  ...['concurrency', 'mutex', 'start-deadline', 'delivery', 'output', 'late-after', 'overrun-after', 'description'],
];

/**
 * What the flags and the words behind `--` say, over what was there before (`base`, compact form too). Nothing is checked here but what only flags can have
 * wrong; `readJobSpec` checks the rest. Error: `cron.bad_job`.
 */
export function rawJobOf(typed: Flags, base: Raw = {}, words: readonly string[] = []): Raw {
  const flags: Flags = { ...typed, ...commandBehind(words, typed) };
  const before = withoutOtherActions(base, flags);
  return present({
    ...before,
    ...present(Object.fromEntries(PLAIN.map((key) => [key, flags[key]]))),
    'env-file': flags['environment-file'] ?? before['env-file'],
    external: flags['external'] === true ? (before['external'] ?? {}) : before['external'],
    http: over(before['http'], requestOf(flags, before['http'])),
    env: over(before['env'], pairsOf(flags['env'], '=', '--env')),
    retries: over(before['retries'], { most: flags['retries'], delay: flags['retry-delay'] }, 'most'),
    'catch-up': over(
      before['catch-up'],
      { policy: flags['catch-up'], window: flags['catch-up-window'], most: flags['catch-up-most'] },
      'policy',
    ),
    notify: over(before['notify'], {
      on: flags['notify-on'],
      command: flags['notify-command'],
      webhook: flags['webhook'],
    }),
    after: typeof flags['after'] === 'string' ? readAfter(flags['after']) : before['after'],
  });
}

/** Another kind of action takes the place of the one that was there; what was said of the same kind stays. */
function withoutOtherActions(base: Raw, flags: Flags): Raw {
  const kinds: readonly string[] = KINDS.filter((kind) => flags[kind] !== undefined && flags[kind] !== false);
  if (kinds.length === 0) return base;
  const kept = kinds.includes('command') ? [...kinds, ...COMMAND_KEYS] : kinds;
  const dropped = [...KINDS, ...COMMAND_KEYS].filter((key) => !kept.includes(key));
  return Object.fromEntries(Object.entries(base).filter(([key]) => !dropped.includes(key)));
}

function requestOf(flags: Flags, before: unknown): Raw {
  const headers = isMapping(before) ? before['headers'] : undefined;
  return {
    url: flags['http'],
    method: flags['method'],
    headers: over(headers, pairsOf(flags['header'], ':', '--header')),
    'headers-file': flags['headers-file'],
    body: flags['body'],
    expect: flags['expect'],
  };
}

/** What is given over what stands there; `single` is the key of a value that may stand there without its mapping. */
function over(before: unknown, given: Raw = {}, single?: string): unknown {
  const added = present(given);
  if (Object.keys(added).length === 0) return before;
  if (isMapping(before)) return { ...before, ...added };
  return single === undefined || before === undefined ? added : { [single]: before, ...added };
}

function isMapping(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pairsOf(value: unknown, separator: '=' | ':', flag: string): Record<string, string> | undefined {
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

/** `JOB`, or `JOB:failure`. A job's name may have a colon: only the words for ends are ends. */
function readAfter(text: string): unknown {
  const at = text.lastIndexOf(':');
  const on = afterEnds.find((end) => end === text.slice(at + 1));
  return on === undefined || at < 1 ? text : { job: text.slice(0, at), on };
}

/**
 * The command that stands behind `--`, if one does. Error: `cron.bad_job` where there is another one in the flags.
 */
function commandBehind(words: readonly string[], flags: Flags): { readonly command?: string } {
  if (words.length === 0) return {};
  if (flags['command'] === undefined) return { command: shellCommand(words) };
  throw cronErrors.error('cron.bad_job', 'the command is given twice: by --command, and behind --', {
    hint: 'leave one of them out',
  });
}

/** What is probably meant by one word with blanks in it, which names a program as it stands: a line. Told to who typed it. */
export function programNameWarning(words: readonly string[]): string | undefined {
  const [word = '', ...others] = words;
  if (others.length > 0 || !/\s/.test(word)) return undefined;
  return `what stands behind -- is one word, and so the name of a program; a line for the shell: --command ${quoteForShell(word)}`;
}

/** A command that a shell reads as these very words. */
function shellCommand(words: readonly string[]): string {
  return words.map(quoteForShell).join(' ');
}

/** A crontab as a list of what its lines say. */
import { closest } from '../../../platform/closest.js';
import { MOST_CRONTAB_BYTES } from '../file-bounds.js';
import { bounds } from '../spec/defaults.js';
import { badCrontab } from './errors.js';
import { readVariable } from './variable.js';

export type CrontabForm =
  /** As `crontab -e` edits it. */
  | 'user'
  /** As in /etc/crontab and /etc/cron.d: a user before the command. */
  | 'system';

export interface CrontabEntry {
  /** Counted from 1. */
  readonly line: number;
  /** By the directive above it. */
  readonly name?: string;
  readonly schedule: string;
  /** In the system form. */
  readonly user?: string;
  /** As written, `%` and all. */
  readonly command: string;
  /** Those above it, the last one of each name. */
  readonly variables: ReadonlyMap<string, string>;
}

export const nicknames = ['@reboot', '@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** Characters. */
const MOST_LINE_LENGTH = 128 * 1024;
/** Each holds all variables above it. */
export const MOST_ENTRIES = 20_000;
/** As many as a job may have. */
const MOST_VARIABLES = bounds.variables;
/** After the minute. */
const FIELDS = ['hour', 'day of the month', 'month', 'day of the week'] as const;
/** Blanks alone separate; cron knows no others. */
const WORD = /[^ \t]+/y;
const BLANKS = /[ \t]*/y;

/** Error: `cron.bad_crontab`. */
export function readLines(text: string, filename: string, form: CrontabForm): CrontabEntry[] {
  if (Buffer.byteLength(text) > MOST_CRONTAB_BYTES) {
    throw badCrontab(filename, 1, `it is longer than ${MOST_CRONTAB_BYTES} bytes`);
  }
  const entries: CrontabEntry[] = [];
  let variables: ReadonlyMap<string, string> = new Map();
  let named: { readonly name: string; readonly line: number } | undefined;
  for (const [index, content] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const line = index + 1;
    checkLine(content, filename, line);
    if (/^[ \t]*(?:#|$)/.test(content)) {
      const name = /^[ \t]*#[ \t]*name:[ \t]*(.*?)[ \t]*$/.exec(content)?.[1];
      if (name !== undefined) named = { name, line };
      continue;
    }
    const variable = readVariable(content);
    if (variable !== undefined) {
      variables = new Map([...variables, [variable.name, variable.value]]);
      if (variables.size > MOST_VARIABLES)
        throw badCrontab(filename, line, `it has more than ${MOST_VARIABLES} variables`);
      continue;
    }
    if (entries.length === MOST_ENTRIES) throw badCrontab(filename, line, `it has more than ${MOST_ENTRIES} jobs`);
    entries.push({ ...readEntry(content, filename, line, form), ...(named && { name: named.name }), variables });
    named = undefined;
  }
  if (named !== undefined) {
    throw badCrontab(filename, named.line, `no job follows the name ${JSON.stringify(named.name.slice(0, 64))}`);
  }
  return entries;
}

function checkLine(content: string, filename: string, line: number): void {
  if (content.length > MOST_LINE_LENGTH)
    throw badCrontab(filename, line, `is longer than ${MOST_LINE_LENGTH} characters`);
  if (content.includes('\0')) throw badCrontab(filename, line, 'has a NUL character');
  if (!content.includes('\r')) return;
  throw badCrontab(filename, line, 'has a carriage return, which cron would hand to the command', 'dos2unix FILE');
}

function readEntry(content: string, filename: string, line: number, form: CrontabForm) {
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [found = ''] = pattern.exec(content) ?? [];
    at += found.length;
    return found;
  };
  const word = (what: string): string => {
    take(BLANKS);
    const found = take(WORD);
    if (found === '') throw badCrontab(filename, line, `the line ends before the ${what}`);
    return found;
  };
  const schedule = readSchedule(word, filename, line);
  const user = form === 'system' ? word('user') : undefined;
  take(BLANKS);
  const command = content.slice(at);
  if (command === '') {
    const hint =
      form === 'system' ? 'this form has a user before the command; of a user’s own crontab it is not' : undefined;
    throw badCrontab(filename, line, 'the line ends before the command', hint);
  }
  return { line, schedule, ...(user !== undefined && { user }), command };
}

function readSchedule(word: (what: string) => string, filename: string, line: number): string {
  const first = word('schedule');
  if (first.startsWith('@')) {
    if (nicknames.includes(first)) return first;
    const nearest = closest(first, nicknames);
    const hint = nearest === undefined ? `cron knows: ${nicknames.join(', ')}` : `did you mean ${nearest}?`;
    throw badCrontab(filename, line, `cron has no ${first.slice(0, 64)}`, hint);
  }
  const check = (field: string, what: string): string => {
    if (/^[\w*,/~?#-]+$/.test(field)) return field;
    throw badCrontab(filename, line, `${JSON.stringify(field.slice(0, 64))} is no ${what}`);
  };
  return [check(first, 'minute'), ...FIELDS.map((what) => check(word(what), what))].join(' ');
}

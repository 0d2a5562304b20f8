/**
 * The mark in the environment of every process of an attempt, by which those that left the process group (setsid, daemons) are
 * found again:
 *
 *     DS_CRON_MARK=5d41402abc4b2a76/17/2/9            store / run / attempt / fence
 *     DS_CRON_MARK=5d41402abc4b2a76/17/2/9,…/4/1/1    a run within a run carries both
 *
 * A process that is meant to outlive its job is started without it: `env -u DS_CRON_MARK setsid …`.
 */
import { createHash } from 'node:crypto';

export const MARK_VARIABLE = 'DS_CRON_MARK';

export interface Mark {
  readonly run: number;
  readonly attempt: number;
  readonly fence: number;
}

/** Of the place that was asked for last: a daemon has one, and a hash takes a tenth of a millisecond. */
let hashed = { place: '', mark: hash('') };

/** 16 hexadecimal digits: a place may be long, and need not be known to every process that can read an environment. */
export function storeMark(place: string): string {
  if (hashed.place !== place) hashed = { place, mark: hash(place) };
  return hashed.mark;
}

function hash(place: string): string {
  return createHash('sha256').update(place).digest('hex').slice(0, 16);
}

export function markOf(place: string, { run, attempt, fence }: Mark): string {
  return `${storeMark(place)}/${run}/${attempt}/${fence}`;
}

/** Undefined for one of another store, and for what is none. */
export function readMark(text: string, store: string): Mark | undefined {
  const match = /^([0-9a-f]{16})\/(\d{1,15})\/(\d{1,15})\/(\d{1,15})$/.exec(text);
  if (match === null || match[1] !== store) return undefined;
  return { run: Number(match[2]), attempt: Number(match[3]), fence: Number(match[4]) };
}

/** Facility and severity, the two halves of a priority (RFC 5424, section 6.2.1): `<165>` is 20 · 8 + 5, local4.notice. */
import type { Level } from '../transform/level.js';

export const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;

/** From the most severe on; an index is the number of the protocol. */
export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

/** What is the same in the words of other logs. */
const LEVELS: readonly Level[] = ['fatal', 'critical', 'critical', 'error', 'warn', 'info', 'info', 'debug'];

export const HIGHEST_PRIORITY = FACILITIES.length * 8 - 1;
/** user.notice: what a message without a priority has (RFC 3164, section 4.3.3). */
export const DEFAULT_PRIORITY = 13;

export function facilityOf(priority: number): string {
  return FACILITIES[priority >> 3] ?? 'user';
}

export function severityOf(priority: number): string {
  return SEVERITIES[priority & 7] ?? 'notice';
}

export function levelOfSeverity(severity: number): Level {
  return LEVELS[severity] ?? 'info';
}

/** `fatal` is emerg, `critical` crit, and so on; what has no level is `info`, as what is said without a word about it mostly is. */
export function severityOfLevel(level: string | undefined): number {
  return level === undefined ? INFO : (SEVERITY_OF_LEVEL.get(level) ?? INFO);
}

const INFO = 6;
const SEVERITY_OF_LEVEL: ReadonlyMap<string, number> = new Map<Level, number>([
  ['fatal', 0],
  ['critical', 2],
  ['error', 3],
  ['warn', 4],
  ['info', INFO],
  ['debug', 7],
  ['trace', 7],
]);

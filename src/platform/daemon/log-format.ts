/**
 * One log record as one line for people:
 *
 *     14:03:07.512 WARN  seq  clock stepped back  by_ms=1200 policy=wait
 *     └ local UTC time  └ level └ block └ message  └ everything else as key=value
 */

const LEVEL_COLOURS: Readonly<Record<string, string>> = {
  fatal: '\u001b[31m',
  error: '\u001b[31m',
  warn: '\u001b[33m',
  debug: '\u001b[2m',
  trace: '\u001b[2m',
};
const DIM = '\u001b[2m';
const RESET = '\u001b[0m';

/** Fields that the line shows elsewhere, or that say nothing to the reader of one machine's log. */
const PLACED_FIELDS = new Set(['level', 'time', 'block', 'msg', 'pid']);

/** `text` is one NDJSON record as pino writes it; anything else (a crash's raw output) is passed on, made harmless. */
export function formatLogLine(text: string, colour: boolean): string {
  const record = parseRecord(text);
  if (record === undefined) return escapeControls(text.trimEnd());
  const paint = (code: string | undefined, part: string) => (colour && code !== undefined ? code + part + RESET : part);
  const level = typeof record['level'] === 'string' ? record['level'] : 'info';
  const time = typeof record['time'] === 'string' ? record['time'].slice(11, 23) : '';
  const fields = Object.entries(record)
    .filter(([key]) => !PLACED_FIELDS.has(key))
    .map(([key, value]) => `${key}=${formatValue(value)}`);
  const parts = [
    `${paint(DIM, time)} ${paint(LEVEL_COLOURS[level], level.toUpperCase().padEnd(5))}`,
    escapeControls(String(record['block'] ?? 'ds')).padEnd(4),
    escapeControls(String(record['msg'] ?? '')),
  ];
  if (fields.length > 0) parts.push(paint(DIM, escapeControls(fields.join(' '))));
  return parts.join('  ');
}

/** The record's own time, or undefined for a line that is none. */
export function logTimeOf(text: string): string | undefined {
  const time = parseRecord(text)?.['time'];
  return typeof time === 'string' ? time : undefined;
}

function parseRecord(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string')
    return value.stack;
  return JSON.stringify(value) ?? 'undefined';
}

/** Control characters from outside must not drive the terminal; line ends and tabs of a stack trace may stay. */
function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/**
 * One log record as one line for people:
 *
 *     14:03:07.512 WARN  seq  clock stepped back  by_ms=1200 policy=wait
 *     └ local UTC time  └ level └ block └ message  └ everything else as key=value
 */
import type { Color, Paint } from '../colors.js';
import { escapeForTerminal } from '../terminal-safety.js';

const LEVEL_COLORS: Readonly<Record<string, Color>> = { fatal: 'red', error: 'red', warn: 'yellow', debug: 'dim' };

/** Fields that the line shows elsewhere, or that say nothing to the reader of one machine's log. */
const PLACED_FIELDS = new Set(['level', 'time', 'block', 'msg', 'pid']);

/** `text` is one NDJSON record as pino writes it; anything else (a crash's raw output) is passed on, made harmless. */
export function formatLogLine(text: string, paint: Paint): string {
  const record = parseRecord(text);
  if (record === undefined) return escapeControls(text.trimEnd());
  const level = typeof record['level'] === 'string' ? record['level'] : 'info';
  const label = level.toUpperCase().padEnd(5);
  const color = LEVEL_COLORS[level];
  const time = typeof record['time'] === 'string' ? record['time'].slice(11, 23) : '';
  const fields = Object.entries(record)
    .filter(([key]) => !PLACED_FIELDS.has(key))
    .map(([key, value]) => `${key}=${formatValue(value)}`);
  const parts = [
    `${paint('dim', time)} ${color === undefined ? label : paint(color, label)}`,
    escapeControls(String(record['block'] ?? 'ds')).padEnd(4),
    escapeControls(String(record['msg'] ?? '')),
  ];
  if (fields.length > 0) parts.push(paint('dim', escapeControls(fields.join(' '))));
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

/** What came from outside must not drive the terminal; line ends and tabs of a stack trace may stay. */
function escapeControls(text: string): string {
  return text.replace(/[^\n\t]+/g, escapeForTerminal);
}

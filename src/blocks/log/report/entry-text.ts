/**
 * Entries as a command writes them:
 *
 *     pipe        the lines as they are; with labels: time, labels and line between tabs
 *     --json      {"timestamp":"2026-01-31T12:00:00.123Z","timestamp_ns":"1769860800123456789","line":"…","labels":{…},"stream":{…}}
 *     terminal    2026-01-31T12:00:00.123Z {app="shop"} the line, coloured by its level; what could drive the terminal is escaped
 */
import type { Color, Paint } from '../../../platform/colors.js';
import { isoTime } from '../../../platform/relative-time.js';
import { escapeForTerminal } from '../../../platform/terminal-safety.js';
import { formatLabels } from '../labels.js';
import type { Entry } from '../log-store.js';
import { millisOf } from '../nanos.js';
import { levelOf, normaliseLevel } from '../transform/level.js';

export interface EntryLook {
  readonly form: 'raw' | 'json' | 'terminal';
  /** Labels beside each line. */
  readonly labels: boolean;
  /** On a terminal: the time in front of each line. */
  readonly time: boolean;
  /** On a terminal: which file a line is of. */
  readonly filename: boolean;
  readonly paint: Paint;
}

/** Characters of a line that are searched for its level. */
const LEVEL_SEARCHED = 512;
/** Characters that are written at once. */
const CHUNK = 64 * 1024;

/** What is to be written, in pieces. @param live each entry as soon as it is there: of a tail */
export async function* entryTexts(
  entries: AsyncIterable<Entry>,
  look: EntryLook,
  live = false,
): AsyncGenerator<string> {
  let text = '';
  for await (const entry of entries) {
    text += entryText(entry, look);
    if (!live && text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** One entry, with its line end. */
export function entryText(entry: Entry, look: EntryLook): string {
  if (look.form === 'json') return `${JSON.stringify(entryJson(entry))}\n`;
  if (look.form === 'terminal') return `${terminalText(entry, look)}\n`;
  if (!look.labels) return `${entry.line}\n`;
  const line = entry.line.replace(/[\t\n\r]/g, escapeForTerminal);
  return `${isoTime(millisOf(entry.timestamp))}\t${formatLabels(entry.labels)}\t${line}\n`;
}

export function entryJson({ timestamp, line, labels, stream }: Entry) {
  return { timestamp: isoTime(millisOf(timestamp)), timestamp_ns: String(timestamp), line, labels, stream };
}

function terminalText(entry: Entry, { labels, time, filename, paint }: EntryLook): string {
  const { line, timestamp } = entry;
  const parts: string[] = [];
  if (time || labels) parts.push(paint('dim', isoTime(millisOf(timestamp))));
  if (labels) parts.push(paint('dim', escapeForTerminal(formatLabels(entry.labels))));
  else if (filename) parts.push(paint('dim', `${escapeForTerminal(entry.stream['filename'] ?? '')}:`));
  const color = colorOf(entry);
  // A line of several lines (a stack trace) keeps them.
  const safe = line.split('\n').map(escapeForTerminal).join('\n');
  parts.push(color === undefined ? safe : paint(color, safe));
  return parts.join(' ');
}

/** How serious an entry is: by its labels, else by what its line says; undefined where it does not. */
export function levelOfEntry({ labels, line }: Entry): string | undefined {
  for (const name of ['level', 'detected_level', 'severity']) {
    const value = labels[name];
    if (value !== undefined) return normaliseLevel(value) ?? value;
  }
  return levelOf(Buffer.from(line.slice(0, LEVEL_SEARCHED)));
}

const COLORS: Readonly<Record<string, Color>> = {
  fatal: 'red',
  critical: 'red',
  error: 'red',
  warn: 'yellow',
  debug: 'dim',
  trace: 'dim',
};

function colorOf(entry: Entry): Color | undefined {
  return COLORS[levelOfEntry(entry) ?? ''];
}

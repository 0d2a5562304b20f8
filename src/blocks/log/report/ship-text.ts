/** What `ds log ship` says of what it does, in words. */
import { formatDuration, formatSize } from '../../../platform/units.js';
import type { AgentEvent } from '../agent/events.js';
import type { Shipped } from '../agent/shipped.js';
import type { Times } from '../agent/times.js';

export interface Told {
  /** As a warning, as talk, or only for those who want to know more. */
  readonly as: 'warn' | 'note' | 'detail';
  readonly text: string;
}

export function eventText(event: AgentEvent): Told {
  const { of } = event;
  switch (event.kind) {
    case 'trouble':
      return { as: 'warn', text: `${of}: ${event.message}` };
    case 'recovered':
      return { as: 'note', text: `${of}: goes on` };
    case 'lost':
      return { as: 'warn', text: `${of}: ${count(event.entries, 'entry', 'entries')} lost: ${event.reason}` };
    case 'refused': {
      const kept = event.kept ? ', kept: ds log status --dead-letters' : '';
      return { as: 'warn', text: `${of}: ${count(event.entries, 'entry', 'entries')} refused${kept}: ${event.reason}` };
    }
    case 'note':
    case 'detail':
      return { as: event.kind, text: `${of}: ${event.message}` };
  }
}

/** `app.log → store, loki+http://…`, without the sources where there are many. */
export function wayText(sources: readonly string[], pipelines: readonly string[]): string {
  const some = sources.length > 3 ? `${sources.length} sources` : sources.join(', ');
  return `${some === '' ? 'dead letters' : some} → ${pipelines.join(', ')}`;
}

/** Which time entries have. */
export const TIME_TEXTS: Readonly<Record<Times, string>> = {
  reading: 'time of each entry: when it was read; -t timestamp=auto takes what the line says',
  lines: 'time of each entry: what the line says',
  senders: 'time of each entry: what its sender says',
  mixed: 'time of each entry: when it was read, or what the line or its sender says, by source',
};

/** `shipped in 1s: store 2 lines of 1 file (28 B), 2 delivered; - no new lines`. @param ms that it took */
export function shippedText(shipped: readonly Shipped[], ms: number): string {
  return `shipped in ${formatDuration(Math.max(1, Math.round(ms)))}: ${shipped.map(oneText).join('; ')}`;
}

function oneText({ name, files, lines, bytes, delivered, dropped, refused, waiting }: Shipped): string {
  const of = files === 0 ? '' : ` of ${count(files, 'file', 'files')}`;
  const read = lines === 0 ? 'no new lines' : `${count(lines, 'line', 'lines')}${of} (${formatSize(bytes)})`;
  const counts = { delivered, dropped, refused, waiting };
  const became = Object.entries(counts).flatMap(([what, entries]) =>
    entries === 0 ? [] : [`${entries.toLocaleString('en-US')} ${what}`],
  );
  return [`${name} ${read}`, ...became].join(', ');
}

export function waitingText(name: string, entries: number): string {
  return `${count(entries, 'entry', 'entries')} left in the buffer of ${name}, for the next ds log ship`;
}

function count(of: number, one: string, many: string): string {
  return `${of.toLocaleString('en-US')} ${of === 1 ? one : many}`;
}

/**
 * Several lines as one entry: a stack trace with the line that it belongs to.
 *
 *     start   an entry begins at each line that matches; the others belong to the one before
 *     indent  a line that begins with a space or a tab belongs to the one before
 *     end     an entry ends with each line that matches
 *
 * With `start` and `indent` the end of an entry is only known by the line after it, so that the last one waits as a line without an end
 * does. An entry is closed, too, where the next line would take it over the limits. Its text has the line ends in it, the last one not.
 */
import { FramedColumns } from './columns.js';
import { CONTINUED, type Framed, type FrameInput, type Framer, MAX_LINE_BYTES } from './framing.js';
import { lineFramer } from './lines.js';

export type MultilineRule =
  | { readonly kind: 'start' | 'end'; readonly matches: (line: string) => boolean }
  | { readonly kind: 'indent' };

/** Of one entry. */
const MOST_LINES = 1000;

const SPACE = 32;
const TAB = 9;

/** No more of a line than this is matched, in bytes: rules look for a beginning. */
const MATCHED_BYTES = 4096;

export function multilineFramer(rule: MultilineRule): Framer {
  return { frame: (input) => group(lineFramer.frame(input), input, rule) };
}

function group(framed: Framed, { bytes, from, final, continued }: FrameInput, rule: MultilineRule): Framed {
  const columns = new FramedColumns(framed.consumed - from);
  const { count, starts, ends, rangeStarts, rangeEnds, metadata } = framed;
  let lines = 0;
  let open = -1;
  const close = (last: number) => {
    if (open === -1) return;
    const marks = metadata?.[open] ?? (open === 0 && continued ? CONTINUED : undefined);
    columns.add(starts[open] ?? 0, ends[last] ?? 0, rangeStarts[open] ?? 0, rangeEnds[last] ?? 0);
    if (marks !== undefined) columns.mark(marks);
    for (let i = open; i <= last; i++) if (!isRest(metadata?.[i])) lines++;
    open = -1;
  };
  for (let i = 0; i < count; i++) {
    const start = starts[i] ?? 0;
    const end = ends[i] ?? 0;
    if (open !== -1) {
      const tooLarge = end - (starts[open] ?? 0) > MAX_LINE_BYTES || i - open >= MOST_LINES;
      if (tooLarge || beginsEntry(rule, bytes, start, end)) close(i - 1);
    }
    if (open === -1) open = i;
    // Parts of a line that was cut are entries by themselves.
    if (metadata?.[i] !== undefined || finishes(rule, bytes, start, end)) close(i);
  }
  if (final) close(count - 1);
  const consumed = open === -1 ? framed.consumed : (rangeStarts[open] ?? framed.consumed);
  return columns.build(lines, consumed);
}

function isRest(metadata: { readonly continued?: string } | undefined): boolean {
  return metadata?.continued !== undefined;
}

function beginsEntry(rule: MultilineRule, bytes: Buffer, start: number, end: number): boolean {
  if (rule.kind === 'end') return false;
  if (rule.kind === 'start') return rule.matches(bytes.toString('utf8', start, Math.min(end, start + MATCHED_BYTES)));
  return start === end || (bytes[start] !== SPACE && bytes[start] !== TAB);
}

function finishes(rule: MultilineRule, bytes: Buffer, start: number, end: number): boolean {
  return rule.kind === 'end' && rule.matches(bytes.toString('utf8', start, Math.min(end, start + MATCHED_BYTES)));
}

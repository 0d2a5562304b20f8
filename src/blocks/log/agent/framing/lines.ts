/** Each line is an entry. */
import { FramedColumns } from './columns.js';
import {
  CONTINUED,
  CUT,
  CUT_AND_CONTINUED,
  type Framed,
  type FrameInput,
  type Framer,
  MAX_LINE_BYTES,
} from './framing.js';

const LF = 10;
const CR = 13;

export const lineFramer: Framer = { frame: frameLines };

function frameLines({ bytes, from, to, continued, final }: FrameInput): Framed {
  const columns = new FramedColumns(to - from);
  let lines = 0;
  let start = from;
  let within = continued;
  while (start < to) {
    const found = bytes.indexOf(LF, start);
    const hasEnd = found !== -1 && found < to;
    const end = hasEnd ? found : to;
    const cut = end - start > MAX_LINE_BYTES;
    if (!hasEnd && !cut && !final) break;
    const next = cut ? start + MAX_LINE_BYTES : hasEnd ? end + 1 : end;
    columns.add(start, cut ? next : withoutReturn(bytes, start, end, hasEnd), start, next);
    if (within) columns.mark(cut ? CUT_AND_CONTINUED : CONTINUED);
    else {
      lines++;
      if (cut) columns.mark(CUT);
    }
    within = cut || !hasEnd;
    start = next;
  }
  return columns.build(lines, start);
}

/** Where the text of a line ends: before the CR of a CRLF. */
function withoutReturn(bytes: Buffer, start: number, end: number, hasEnd: boolean): number {
  return hasEnd && end > start && bytes[end - 1] === CR ? end - 1 : end;
}

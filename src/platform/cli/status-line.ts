/** One line on stderr that is written anew again and again, for a command that watches something run. */
import { cutToWidth } from './text-width.js';

const CLEAR_LINE = '\r\u001b[2K';

export interface StatusLine {
  show(text: string): void;
  /** Takes it away. */
  clear(): void;
}

const SILENT: StatusLine = { show() {}, clear() {} };

/** Only where stderr is a terminal, and somebody wants to see it. Text must be safe for a terminal. */
export function statusLine(wanted: boolean, stream: NodeJS.WriteStream = process.stderr): StatusLine {
  if (!wanted || stream.isTTY !== true || process.env['TERM'] === 'dumb') return SILENT;
  return {
    show: (text) => stream.write(CLEAR_LINE + cutToWidth(text, (stream.columns || 80) - 1)),
    clear: () => stream.write(CLEAR_LINE),
  };
}

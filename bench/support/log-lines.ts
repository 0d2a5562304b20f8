/** Log files for benchmarks: lines of 200 bytes as a web service writes them, no two alike, the same at every run. */
import { closeSync, openSync, writeSync } from 'node:fs';

export const LINE_BYTES = 200;

const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const PATHS = ['/api/v1/orders', '/api/v1/customers', '/api/v1/carts', '/health', '/api/v2/search', '/static/app.js'];
const LEVELS = ['INFO', 'INFO', 'INFO', 'INFO', 'DEBUG', 'WARN', 'ERROR'];
const AGENTS = [
  'curl/7.88.1',
  'Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0',
  'okhttp/4.12.0',
  'python-requests/2.31.0',
];
const START_MS = Date.UTC(2026, 0, 1);
const PIECE_LINES = 5_000;

/** xorshift32: numbers that look random and are the same in every run. */
class Numbers {
  #state = 0x9e3779b9;

  next(below: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % below;
  }

  pick(words: readonly string[]): string {
    return words[this.next(words.length)] ?? '';
  }
}

/** Writes `lines` lines; `special` are lines by number that stand in for the ones made here. Returns the bytes written. */
export function writeLogFile(path: string, lines: number, special: ReadonlyMap<number, string> = new Map()): number {
  const numbers = new Numbers();
  const descriptor = openSync(path, 'w');
  try {
    let bytes = 0;
    for (let from = 0; from < lines; from += PIECE_LINES) {
      let text = '';
      for (let i = from; i < Math.min(from + PIECE_LINES, lines); i++)
        text += toLength(special.get(i) ?? line(i, numbers));
      bytes += writeSync(descriptor, text, null, 'latin1');
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

function line(number: number, numbers: Numbers): string {
  const time = new Date(START_MS + number * 3).toISOString();
  const id =
    numbers.next(4294967296).toString(16).padStart(8, '0') + numbers.next(4294967296).toString(16).padStart(8, '0');
  const address = `10.${numbers.next(8)}.${numbers.next(256)}.${numbers.next(256)}`;
  const request = `${numbers.pick(METHODS)} ${numbers.pick(PATHS)}/${numbers.next(100_000)}`;
  return `${time} ${numbers.pick(LEVELS)} [worker-${numbers.next(16)}] ${address} "${request}" ${numbers.pick(['200', '200', '200', '404', '500'])} ${numbers.next(20_000)} ${numbers.next(900)}ms request_id=${id} "${numbers.pick(AGENTS)}"`;
}

/** Exactly {@link LINE_BYTES} with the line end. */
function toLength(text: string): string {
  const room = LINE_BYTES - 1;
  return `${text.length >= room ? text.slice(0, room) : text.padEnd(room, ' -')}\n`;
}

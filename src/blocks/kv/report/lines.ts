/** Lines of any length up to the longest that a value can make. */
import { kvErrors } from '../errors.js';

/** A value of 8 MiB takes six times as much where each byte of it is escaped. */
const LONGEST = 64 * 1024 * 1024;
const NEWLINE = 10;

/** Error: `kv.bad_record` for a line that is longer. */
export async function* readRecordLines(
  chunks: AsyncIterable<Uint8Array>,
  encoding: 'utf8' | 'latin1' = 'utf8',
): AsyncGenerator<string> {
  let pieces: Buffer[] = [];
  let length = 0;
  let number = 1;
  const take = () => {
    const line = Buffer.concat(pieces, length).toString(encoding);
    pieces = [];
    length = 0;
    number++;
    return line;
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      pieces.push(bytes.subarray(from, end));
      length += end - from;
      from = end + 1;
      yield take();
    }
    pieces.push(bytes.subarray(from));
    length += bytes.length - from;
    if (length > LONGEST) {
      throw kvErrors.error('kv.bad_record', `line ${number} has more than 64 MiB`, { details: { line: number } });
    }
  }
  if (length > 0) yield take();
}

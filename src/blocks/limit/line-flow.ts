/**
 * Lets bytes through line by line. Nothing is decoded, changed or collected: a line takes its slot when it begins, and its
 * bytes then pass as they come, however many there are. The last line needs no line end.
 */
import type { Pace } from './pace.js';

const LINE_FEED = 10;

/** Resolves to the number of lines. `write` may resolve late, to hold the input back. */
export async function paceLines(
  input: AsyncIterable<Uint8Array>,
  pace: Pace,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<number> {
  let lines = 0;
  let insideLine = false;
  for await (const chunk of input) {
    let from = insideLine ? endOfLines(chunk, 0, 1).end : 0;
    if (from > 0) await write(chunk.subarray(0, from));
    while (from < chunk.length) {
      const granted = await pace.take(endOfLines(chunk, from, Number.POSITIVE_INFINITY).lines);
      const { end } = endOfLines(chunk, from, granted);
      await write(chunk.subarray(from, end));
      from = end;
      lines += granted;
    }
    if (chunk.length > 0) insideLine = chunk[chunk.length - 1] !== LINE_FEED;
  }
  return lines;
}

/** Where the next `most` lines of the chunk end, and how many there are; one that goes on in the next chunk counts. */
function endOfLines(chunk: Uint8Array, from: number, most: number): { readonly end: number; readonly lines: number } {
  let end = from;
  let lines = 0;
  for (; lines < most && end < chunk.length; lines++) {
    const feed = chunk.indexOf(LINE_FEED, end);
    end = feed === -1 ? chunk.length : feed + 1;
  }
  return { end, lines };
}

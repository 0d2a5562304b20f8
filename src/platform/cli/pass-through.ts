/**
 * What a program writes, on to our own stdout or stderr. Written by the thread pool: a reader that stops reading makes the program
 * wait, as it would without us, and not this process, which has leases to renew.
 */
import { write } from 'node:fs';
import { codeOf } from '../errors.js';

/** A descriptor that somebody made non-blocking takes nothing for a while. */
const AGAIN_MS = 10;

/** Resolves to true when all is written, to false once the reader has gone or nothing can be written: the rest is dropped. */
export function passThrough(descriptor: 1 | 2): (bytes: Uint8Array) => Promise<boolean> {
  let isClosed = false;
  let before = Promise.resolve(true);
  const writeAll = async (bytes: Uint8Array) => {
    for (let rest = bytes; rest.length > 0 && !isClosed; ) {
      const written = await writeSome(descriptor, rest);
      if (written === undefined) isClosed = true;
      else rest = rest.subarray(written);
    }
    return !isClosed;
  };
  return (bytes) => {
    before = before.then(() => writeAll(bytes));
    return before;
  };
}

/** How many bytes were taken; undefined: it takes none any more. */
function writeSome(descriptor: number, bytes: Uint8Array): Promise<number | undefined> {
  return new Promise((resolve) => {
    write(descriptor, bytes, (error, written) => {
      if (error === null) resolve(written);
      else if (codeOf(error) === 'EAGAIN') setTimeout(() => resolve(0), AGAIN_MS);
      else resolve(undefined);
    });
  });
}

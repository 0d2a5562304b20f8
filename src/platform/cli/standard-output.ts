/**
 * stdout, written straight to the file descriptor.
 *
 * process.stdout would load the net, tty and stream modules (9 ms of start-up here), and tells of a reader that has gone
 * (EPIPE) only in a later turn of the event loop, which a busy loop never reaches. A write to the descriptor fails at
 * once. Only where the descriptor would block (EAGAIN: somebody made it non-blocking) do writes go to process.stdout,
 * from then on all of them, so that their order holds.
 */
import { fstatSync, statSync, writeSync } from 'node:fs';
import { ClosedPipe } from '../closed-pipe.js';
import type { DsError } from '../errors.js';
import { cliErrors } from './errors.js';

export { ClosedPipe };

const STDOUT = 1;

/** Longest time between two turns of the event loop while writing, in ns: bounds how late a signal is seen. */
const YIELD_AFTER_NS = 10_000_000n;

/** Set once the descriptor would have blocked. */
let useStream = false;
let closed: ClosedPipe | undefined;
let yieldedAt = process.hrtime.bigint();

/** Writes all of it before it returns, or leaves the rest to process.stdout. Throws ClosedPipe; error: `cli.output_failed`. */
export function writeOut(data: string | Uint8Array): void {
  if (useStream) {
    writeToStream(data);
    return;
  }
  let rest = typeof data === 'string' ? Buffer.from(data) : data;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDOUT, rest));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EAGAIN') throw translate(error as NodeJS.ErrnoException);
    useStream = true;
    process.stdout.on('error', (late: NodeJS.ErrnoException) => {
      const translated = translate(late);
      if (!(translated instanceof ClosedPipe)) throw translated;
    });
    writeToStream(rest);
  }
}

/**
 * writeOut() with backpressure: once it resolves, all of it is written, and the memory is the caller's again. Lets signals and timers
 * through at least every 10 ms. Rejects with ClosedPipe.
 */
export async function writeOutAll(data: string | Uint8Array): Promise<void> {
  writeOut(data);
  if (useStream && process.stdout.writableLength > 0) await outputWritten();
  const now = process.hrtime.bigint();
  if (now - yieldedAt >= YIELD_AFTER_NS) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    yieldedAt = now;
  }
}

/** Resolves when everything is written, or the reader has gone. */
export async function outputWritten(): Promise<void> {
  if (useStream) await new Promise((resolve) => process.stdout.write('', resolve));
}

/** As process.stdout.isTTY, but cheap where stdout is a pipe, a file or /dev/null. */
export function isStdoutTerminal(): boolean {
  try {
    const stat = fstatSync(STDOUT);
    if (!stat.isCharacterDevice() || stat.rdev === statSync('/dev/null').rdev) return false;
  } catch {
    return false;
  }
  return process.stdout.isTTY === true;
}

function writeToStream(data: string | Uint8Array): void {
  if (closed !== undefined) throw closed;
  process.stdout.write(data);
}

/** What was asked for did not arrive, so silence would be a lie; unless the reader chose to go. */
function translate(error: NodeJS.ErrnoException): ClosedPipe | DsError {
  if (error.code === 'EPIPE') return closePipe();
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EFBIG';
  return cliErrors.error('cli.output_failed', `stdout cannot be written: ${error.message}`, {
    hint: full ? 'make room, see: df -h .' : 'look at where stdout leads: ls -l /proc/self/fd/1',
    details: { reason: error.code ?? 'unknown' },
    cause: error,
  });
}

function closePipe(): ClosedPipe {
  closed ??= new ClosedPipe('the reader of stdout has gone');
  return closed;
}

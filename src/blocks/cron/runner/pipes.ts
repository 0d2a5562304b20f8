/**
 * Pipes, as a shell makes them. Node gives its children socket pairs, and a socket cannot be opened by name: `echo … >/dev/stderr`,
 * which is common in crontabs and scripts, then fails with «No such device or address».
 *
 * Node cannot make a pipe, mkfifo(1) makes a named one: it is opened at both ends and unlinked, and is then like any other. A process
 * for each would cost as much as the job's own, so that whoever takes more than two has a stock, filled up beside the event loop:
 *
 *     take ─▶ stock ──empty──▶ two are made while the caller waits
 *               └──half empty, and not the first two──▶ 64 are made meanwhile
 */
import { execFile, execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pipe {
  /** File descriptors, closed by whoever takes the pipe. */
  readonly reader: number;
  readonly writer: number;
}

const STOCK = 64;

const stock: Pipe[] = [];
let taken = 0;
let filling = false;

/** Undefined where they cannot be made: there is no mkfifo, or no place for it. */
export function takePipe(): Pipe | undefined {
  taken++;
  try {
    if (stock.length === 0) makeTwo();
    if (taken > 2 && stock.length < STOCK / 2 && !filling) fillStock();
  } catch {
    // What is there is enough for now, or the caller does without.
  }
  return stock.pop();
}

export function closePipe({ reader, writer }: Pipe): void {
  closeSync(reader);
  closeSync(writer);
}

function makeTwo(): void {
  const { args, open, remove } = namedPipes(2);
  try {
    execFileSync('mkfifo', args, { stdio: 'ignore' });
    open();
  } finally {
    remove();
  }
}

function fillStock(): void {
  const { args, open, remove } = namedPipes(STOCK);
  filling = true;
  execFile('mkfifo', args, (error) => {
    filling = false;
    try {
      if (error === null) open();
    } catch {
      // Too many open files, for one: whoever needs a pipe tries again.
    } finally {
      remove();
    }
  });
}

function namedPipes(count: number) {
  const folder = mkdtempSync(join(tmpdir(), 'ds-cron-'));
  const paths = Array.from({ length: count }, (_, index) => join(folder, String(index)));
  return {
    args: ['-m', '600', ...paths],
    open: () => {
      for (const path of paths) stock.push(openBothEnds(path));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The reader first and without waiting: a writer waits for one. */
function openBothEnds(path: string): Pipe {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { reader, writer: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

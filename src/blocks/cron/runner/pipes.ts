/**
 * Pipes, as a shell makes them. Node gives its children socket pairs, and a socket cannot be opened by name: `echo … >/dev/stderr`,
 * which is common in crontabs and scripts, then fails with «No such device or address».
 *
 * Node cannot make a pipe, mkfifo(1) makes a named one: it is opened at both ends and unlinked, and is then like any other. A process
 * for each would cost as much as the job's own, so they are made in stock: 2, then 4, 8 … 64 at a time.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pipe {
  /** File descriptors, closed by whoever takes the pipe. */
  readonly reader: number;
  readonly writer: number;
}

const LARGEST_STOCK = 64;

const stock: Pipe[] = [];
let nextStock = 2;

/** Undefined where they cannot be made: there is no mkfifo, or no place for it. */
export function takePipe(): Pipe | undefined {
  if (stock.length === 0) {
    try {
      fillStock(nextStock);
      nextStock = Math.min(nextStock * 2, LARGEST_STOCK);
    } catch {
      return stock.pop();
    }
  }
  return stock.pop();
}

export function closePipe({ reader, writer }: Pipe): void {
  closeSync(reader);
  closeSync(writer);
}

function fillStock(count: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'ds-cron-'));
  try {
    const paths = Array.from({ length: count }, (_, index) => join(folder, String(index)));
    execFileSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' });
    for (const path of paths) stock.push(openBothEnds(path));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

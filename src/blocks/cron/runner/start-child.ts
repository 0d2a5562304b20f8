/** Starts a program as leader of a session and a process group of its own, on pipes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { closePipe, type Pipe, takePipe } from './pipes.js';

export interface ChildSpec {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A text, nothing, or what this process reads. */
  readonly input: { readonly text: string } | 'nothing' | 'inherited';
}

export interface Child {
  readonly process: ChildProcess;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Throws what spawn() throws; other errors of it come as the process's event. */
export function startChild(spec: ChildSpec): Child {
  const { program, args, folder, environment, input } = spec;
  const text = typeof input === 'object' ? fileOf(input.text) : undefined;
  const [out, err] = [takePipe(), takePipe()];
  const stdin = input === 'inherited' ? 'inherit' : 'ignore';
  const options = { cwd: folder, env: { ...environment }, detached: true } as const;
  try {
    const stdio = [text ?? stdin, out?.writer ?? 'pipe', err?.writer ?? 'pipe'] as const;
    const child = spawn(program, args, { ...options, stdio: [...stdio] });
    return { process: child, stdout: readEnd(out, child.stdout), stderr: readEnd(err, child.stderr) };
  } catch (error) {
    for (const pipe of [out, err]) if (pipe !== undefined) closePipe(pipe);
    throw error;
  } finally {
    if (text !== undefined) closeSync(text);
  }
}

/**
 * The text as a file without a name. A pipe would have to be written to as the job reads it, and a socket could not be opened as
 * /dev/stdin.
 */
function fileOf(text: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'ds-cron-'));
  try {
    const path = join(folder, 'input');
    writeFileSync(path, text, { mode: 0o600 });
    return openSync(path, 'r');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readEnd(pipe: Pipe | undefined, ofChild: Readable | null): Readable {
  if (pipe === undefined) return ofChild ?? new Socket();
  closeSync(pipe.writer);
  return new Socket({ fd: pipe.reader, readable: true, writable: false });
}

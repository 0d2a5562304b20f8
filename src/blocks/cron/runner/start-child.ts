/** Starts a program as leader of a session and a process group of its own, on pipes: by a launcher, else by Node. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Child, type Exit, type ProcessOnPipes, type ProgramStart, readerOf, type Starter } from './child.js';
import { closePipe, type Pipe, takePipe } from './pipes.js';

export interface ChildSpec extends ProgramStart {
  /** A text, nothing, or what this process reads. */
  readonly input: { readonly text: string } | 'nothing' | 'inherited';
}

/** Throws what spawn() throws. */
export function startChild(spec: ChildSpec, starter?: Starter): Child {
  refuseNul(spec);
  const text = typeof spec.input === 'object' ? fileOf(spec.input.text) : undefined;
  const close = () => {
    if (text !== undefined) closeSync(text);
  };
  if (starter?.isReady && spec.input !== 'inherited' && isAbsolute(spec.program)) {
    const child = starter.launch(spec, text);
    void child.process.then(close);
    return child;
  }
  try {
    return spawnOnPipes(spec, text);
  } finally {
    close();
  }
}

/** It ends a text for the system, and a field for the launcher. */
function refuseNul({ program, args, folder, environment }: ProgramStart): void {
  const texts = [program, ...args, folder, ...Object.entries(environment).flat()];
  if (texts.some((text) => text?.includes('\0')))
    throw new TypeError('a NUL in the command, its folder or its environment');
}

function spawnOnPipes({ program, args, folder, environment, input }: ChildSpec, text: number | undefined): Child {
  const [out, err] = [takePipe(), takePipe()];
  const stdin = text ?? (input === 'inherited' ? 'inherit' : 'ignore');
  try {
    const stdio = [stdin, out?.writer ?? 'pipe', err?.writer ?? 'pipe'] as const;
    const child = spawn(program, args, { cwd: folder, env: { ...environment }, detached: true, stdio: [...stdio] });
    return { process: Promise.resolve(processOf(child, out, err)), exit: exitOf(child) };
  } catch (error) {
    for (const pipe of [out, err]) if (pipe !== undefined) closePipe(pipe);
    throw error;
  }
}

function processOf(child: ChildProcess, out: Pipe | undefined, err: Pipe | undefined): ProcessOnPipes | undefined {
  const [stdout, stderr] = [readEnd(out, child.stdout), readEnd(err, child.stderr)];
  if (child.pid !== undefined) return { pid: child.pid, stdout, stderr };
  stdout.destroy();
  stderr.destroy();
  return undefined;
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
  return readerOf(pipe.reader);
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    // After the start it tells of signals that could not be sent: those are sent in another way here.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ error });
    });
  });
}

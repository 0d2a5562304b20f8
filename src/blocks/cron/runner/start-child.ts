/** Starts a program as leader of a session and a process group of its own, on pipes: by a launcher, else by Node. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Launcher } from './launcher.js';
import { closePipe, type Pipe, takePipe } from './pipes.js';

export interface ProgramStart {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ChildSpec extends ProgramStart {
  /** A text, nothing, or what this process reads. */
  readonly input: { readonly text: string } | 'nothing' | 'inherited';
}

/** How a process ended; why it was none; or why that is not known. */
export type Exit =
  | { readonly code: number | null; readonly signal: string | null }
  | { readonly error: Error }
  | { readonly lost: string };

/** Neither rejects. */
export interface Started {
  /** Leader of its group. Undefined: it was not started. */
  readonly pid: Promise<number | undefined>;
  readonly exit: Promise<Exit>;
}

export interface Child extends Started {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Throws what spawn() throws. */
export function startChild(spec: ChildSpec, launcher?: Launcher): Child {
  refuseNul(spec);
  const text = typeof spec.input === 'object' ? fileOf(spec.input.text) : undefined;
  const [out, err] = [takePipe(), takePipe()];
  try {
    if (launcher?.isReady && spec.input !== 'inherited' && out !== undefined && err !== undefined)
      return launchOnPipes(launcher, spec, text, out, err);
    return spawnOnPipes(spec, text, out, err);
  } catch (error) {
    for (const pipe of [out, err]) if (pipe !== undefined) closePipe(pipe);
    throw error;
  }
}

/** It ends a text for the system, and a field for the launcher. */
function refuseNul({ program, args, folder, environment }: ProgramStart): void {
  const texts = [program, ...args, folder, ...Object.entries(environment).flat()];
  if (texts.some((text) => text?.includes('\0')))
    throw new TypeError('a NUL in the command, its folder or its environment');
}

function launchOnPipes(launcher: Launcher, spec: ChildSpec, stdin: number | undefined, out: Pipe, err: Pipe): Child {
  const started = launcher.launch(spec, { stdin, stdout: out.writer, stderr: err.writer });
  void started.pid.then(() => {
    for (const file of [stdin, out.writer, err.writer]) if (file !== undefined) closeSync(file);
  });
  return { ...started, stdout: readerOf(out), stderr: readerOf(err) };
}

function spawnOnPipes(spec: ChildSpec, text: number | undefined, out?: Pipe, err?: Pipe): Child {
  const { program, args, folder, environment, input } = spec;
  const stdin = text ?? (input === 'inherited' ? 'inherit' : 'ignore');
  try {
    const stdio = [stdin, out?.writer ?? 'pipe', err?.writer ?? 'pipe'] as const;
    const child = spawn(program, args, { cwd: folder, env: { ...environment }, detached: true, stdio: [...stdio] });
    return {
      pid: Promise.resolve(child.pid),
      exit: exitOf(child),
      stdout: readEnd(out, child.stdout),
      stderr: readEnd(err, child.stderr),
    };
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
  return readerOf(pipe);
}

function readerOf({ reader }: Pipe): Readable {
  return new Socket({ fd: reader, readable: true, writable: false });
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

/** The real `ds`, as a process of its own, in a home of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** For tests that look at what is left in TMPDIR: Node 22.1 and later keep compiled code there. */
export const NO_COMPILE_CACHE = { NODE_DISABLE_COMPILE_CACHE: '1' } as const;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

export interface RunOptions {
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to stdin, which is then closed. */
  readonly input?: string | Uint8Array;
  /** DS_HOME; a new folder unless told. */
  readonly home?: string;
  readonly cwd?: string;
  /** After this long the process is killed and the result is an error. */
  readonly timeoutMs?: number;
}

export interface RunResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ds` to its end. */
export async function runDs(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = spawnDs(args, options);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.stdin.on('error', () => {}); // a command need not read its input
  child.stdin.end(options.input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 15_000);
  const [code, signal]: [number | null, NodeJS.Signals | null] = await closed(child);
  clearTimeout(timer);
  if (signal === 'SIGKILL') throw new Error(`ds ${args.join(' ')} did not end; stderr: ${stderr()}`);
  return { code, signal, stdout: stdout(), stderr: stderr() };
}

/** Parses what `ds … --json` printed. */
export async function runDsJson(args: readonly string[], options: RunOptions = {}): Promise<unknown> {
  const { code, stdout, stderr } = await runDs([...args, '--json'], options);
  if (code !== 0) throw new Error(`ds ${args.join(' ')} exited ${code}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** The ready line of a daemon under `--json`. */
interface Ready {
  readonly block: string;
  readonly pid: number;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly db?: string;
}

export interface RunningDs {
  readonly child: Child;
  readonly ready: Ready;
  readonly home: string;
  stdout(): string;
  stderr(): string;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<RunResult>;
}

/** Starts a daemon with `--json` and waits for its ready line. Whatever is still running after the test is killed. */
export async function startDs(args: readonly string[], options: RunOptions = {}): Promise<RunningDs> {
  const home = options.home ?? temporaryFolder();
  const child = spawnDs([...args, '--json'], { ...options, home });
  const end = closed(child);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await end;
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 15_000);
  const line = await Promise.race([firstLine(child.stdout, stdout), end.then(() => undefined)]);
  clearTimeout(timer);
  if (line === undefined) throw new Error(`ds ${args.join(' ')} was not ready: ${stdout()}${stderr()}`);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    const [code, endedBy] = await end;
    return { code, signal: endedBy, stdout: stdout(), stderr: stderr() };
  };
  return { child, ready: JSON.parse(line), home, stdout, stderr, stop };
}

export function spawnDs(args: readonly string[], options: RunOptions): Child {
  const home = options.home ?? temporaryFolder();
  const env: NodeJS.ProcessEnv = { ...process.env, DS_HOME: home, NO_COLOR: undefined, FORCE_COLOR: undefined };
  return spawn(process.execPath, [RUN, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { ...env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function closed(child: Child): Promise<[number | null, NodeJS.Signals | null]> {
  const [code, signal] = await once(child, 'close');
  return [code, signal];
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

async function firstLine(stream: Readable, text: () => string): Promise<string> {
  while (!text().includes('\n')) await once(stream, 'data');
  return text().slice(0, text().indexOf('\n'));
}

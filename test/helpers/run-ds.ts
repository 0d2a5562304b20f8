/** The real `ds`, as it is built, in a home of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';
import { DsHost, type RunResult } from './ds-host.js';
import { temporaryFolder } from './temporary-folder.js';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** For tests that look at what is left in TMPDIR: Node 22.1 and later keep compiled code there. */
export const NO_COMPILE_CACHE = { NODE_DISABLE_COMPILE_CACHE: '1' } as const;

export type { RunResult } from './ds-host.js';

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
  /** In a process that has run nothing before: for tests of what Node and the kernel have a hand in. */
  readonly ownProcess?: boolean;
}

/** Runs one `ds` after the other of this test file. */
let host: DsHost | undefined;
let hostIsBusy = false;

afterAll(() => host?.end());

/**
 * Runs `ds` to its end. Most of what a process takes is the start of Node, so that one runs all that are called one after
 * the other; a process of its own has what is called while another runs, and what asks for it.
 */
export async function runDs(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  if (options.ownProcess || hostIsBusy) return runAlone(args, options);
  hostIsBusy = true;
  if (host?.alive !== true) host = new DsHost();
  const running = host.run({ ...surroundings(options), args, input: options.input ?? '' });
  const result = await endInTime(running, args, options, () => host?.kill());
  hostIsBusy = false;
  return result;
}

async function runAlone(args: readonly string[], options: RunOptions): Promise<RunResult> {
  const child = spawnDs(args, options);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.stdin.on('error', () => {}); // a command need not read its input
  child.stdin.end(options.input ?? '');
  const ending = closed(child).then(([code, signal]) => ({ code, signal, stdout: stdout(), stderr: stderr() }));
  return endInTime(ending, args, options, () => child.kill('SIGKILL'));
}

async function endInTime(
  ending: Promise<RunResult>,
  args: readonly string[],
  { timeoutMs = 15_000 }: RunOptions,
  kill: () => void,
): Promise<RunResult> {
  const timer = setTimeout(kill, timeoutMs);
  const result = await ending;
  clearTimeout(timer);
  if (result.signal === 'SIGKILL') throw new Error(`ds ${args.join(' ')} did not end; stderr: ${result.stderr}`);
  return result;
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
  return spawn(process.execPath, [RUN, ...args], { ...surroundings(options), stdio: ['pipe', 'pipe', 'pipe'] });
}

/** What a process gets beside its arguments. */
function surroundings({ home = temporaryFolder(), env, cwd = tmpdir() }: RunOptions) {
  const inherited = { ...process.env, DS_HOME: home, NO_COLOR: undefined, FORCE_COLOR: undefined };
  return { cwd, env: { ...inherited, ...env } };
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

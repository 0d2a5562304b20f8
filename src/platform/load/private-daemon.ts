/** A daemon of a block for the time of a measurement: a process of its own, in a home that is removed afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import { kebab, type OptionSchema } from '../config/options.js';
import { daemonErrors } from '../daemon/errors.js';
import { freePorts } from '../daemon/free-ports.js';
import { OFF } from '../daemon/shared-options.js';
import type { Environment } from '../paths.js';

export interface PrivateDaemonRequest {
  readonly block: string;
  /** Of the block: its endpoints listen on free ports, but for the admin one and what is off by default. */
  readonly options: OptionSchema;
  /** Further arguments of its `serve`: `--zone-file FILE`. */
  readonly args?: readonly string[];
  /** This very program: `[process.execPath, '…/bin/run.js']`. */
  readonly program: readonly [string, ...string[]];
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How long it may take to be ready, milliseconds. */
const READY_TIMEOUT_MS = 30_000;
/** And to stop, before it is killed. */
const STOP_TIMEOUT_MS = 10_000;
const MOST_OUTPUT = 64 * 1024;

/** Runs `use` with the URLs of the daemon's endpoints by name, and its process. Error: `daemon.start_failed`. */
export async function withPrivateDaemon<T>(
  request: PrivateDaemonRequest,
  use: (endpoints: Readonly<Record<string, string>>, pid: number | undefined) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'ds-bench-'));
  try {
    const child = start(request, home);
    try {
      return await use(await ready(child, request), child.pid);
    } finally {
      await stop(child, request.clock);
    }
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

function start({ program, block, options, args = [], env }: PrivateDaemonRequest, home: string): ChildProcess {
  const [command, ...leading] = program;
  const addresses = Object.entries({ ...freePorts(options), admin: OFF });
  const ports = addresses.flatMap(([key, address]) => [`--${kebab(key)}`, address]);
  const inherited = Object.entries(env).filter(([key]) => !key.startsWith('DS_'));
  // A group of its own: Ctrl-C is for the measurement, which then stops the daemon.
  return spawn(command, [...leading, block, 'serve', '--json', ...ports, ...args], {
    env: { ...Object.fromEntries(inherited), DS_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

/** The line that says it is ready, or what it said instead. */
function ready(child: ChildProcess, { block, clock, signal }: PrivateDaemonRequest): Promise<Record<string, string>> {
  const output = { stdout: '', stderr: '' };
  const patience = new AbortController();
  const line = new Promise<Record<string, string>>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (output.stdout.length < MOST_OUTPUT) output.stdout += text;
      const end = output.stdout.indexOf('\n');
      if (end === -1) return;
      const { endpoints }: { endpoints?: Record<string, string> } = JSON.parse(output.stdout.slice(0, end));
      // Else it says why it cannot start, and ends.
      if (endpoints !== undefined) resolve(endpoints);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (output.stderr.length < MOST_OUTPUT) output.stderr += text;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      const said = (output.stderr.trim() || output.stdout.trim()).slice(-1000);
      reject(daemonErrors.error('daemon.start_failed', `ds ${block} serve ended with ${code}: ${said}`));
    });
  });
  const late = clock.sleep(READY_TIMEOUT_MS, AbortSignal.any([signal, patience.signal])).then(() => {
    throw daemonErrors.error('daemon.start_failed', `ds ${block} serve was not ready within ${READY_TIMEOUT_MS} ms`);
  });
  late.catch(() => {});
  return Promise.race([line, late]).finally(() => patience.abort());
}

async function stop(child: ChildProcess, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const patience = new AbortController();
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const late = clock.sleep(STOP_TIMEOUT_MS, patience.signal).then(
    () => child.kill('SIGKILL'),
    () => {},
  );
  await gone;
  patience.abort();
  await late;
}

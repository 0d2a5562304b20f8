/**
 * `ds tour`: every block started for real, in a home of its own that is removed afterwards, and asked through its real
 * protocol by its own command, run as a user would run it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Clock, Random } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Environment } from '../paths.js';
import type { Block, TourStop } from './block.js';
import { daemonErrors } from './errors.js';
import { freePorts } from './free-ports.js';
import type { ReadyReport } from './report.js';
import { startThread } from './start-thread.js';
import { type BlockStatus, SupervisedBlock } from './supervised-block.js';
import type { BlockCatalogue } from './thread.js';
import type { ThreadTask } from './thread-protocol.js';

export interface TourRequest {
  readonly catalogue: BlockCatalogue;
  /** This very program: `[process.execPath, '…/bin/run.js']`. */
  readonly program: readonly [string, ...string[]];
  readonly workerEntry: URL;
  readonly clock: Clock;
  readonly random: Random;
  readonly machine: string;
  readonly version: string;
  readonly env: Environment;
  /** Its abort ends the tour; everything is cleaned up all the same. */
  readonly signal: AbortSignal;
  /** What is being done, for a spinner. */
  readonly onProgress: (text: string) => void;
}

export interface TourResult {
  readonly block: string;
  readonly did: string;
  /** URL that it went through; undefined when the block did not start. */
  readonly through?: string;
  /** What came back, in a few words. */
  readonly answer?: string;
  /** Why it does not hold. */
  readonly problem?: string;
  readonly durationMs: number;
}

/** A command that takes longer has failed, milliseconds. */
const COMMAND_TIMEOUT_MS = 20_000;
/** Bytes of a command's output that are kept. */
const MOST_OUTPUT = 1024 * 1024;

export async function takeTour(request: TourRequest): Promise<TourResult[]> {
  const home = await mkdtemp(join(tmpdir(), 'ds-tour-'));
  const started: SupervisedBlock[] = [];
  try {
    const blocks = await Promise.all(Object.values(request.catalogue).map((load) => load()));
    const ready = blocks.map((block) => ({ block, report: startBlock(request, home, block, started) }));
    for (const { report } of ready) report.catch(() => {});
    const results: TourResult[] = [];
    for (const { block, report } of ready) results.push(...(await visitBlock(request, home, block, report)));
    return results;
  } finally {
    await Promise.all(started.map((block) => block.stop()));
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Resolves when it is ready; rejects when it cannot start. A tour has no patience for second attempts. */
function startBlock(
  request: TourRequest,
  home: string,
  block: Block,
  started: SupervisedBlock[],
): Promise<ReadyReport> {
  const { machine, version, env } = request;
  const task: ThreadTask = {
    block: block.name,
    options: freePorts(block.options),
    home,
    machine,
    environment: { ...env },
    version,
    logLevel: 'silent',
  };
  return new Promise((resolve, reject) => {
    const supervised = new SupervisedBlock({
      ...request,
      block: block.name,
      logger: pino({ level: 'silent' }),
      startThread: () => startThread(request.workerEntry, task),
      onChange({ state, report, error }: BlockStatus) {
        if (state === 'running' && report !== undefined) resolve(report);
        if (state === 'restarting' || state === 'failed') reject(error);
      },
    });
    started.push(supervised);
  });
}

async function visitBlock(
  request: TourRequest,
  home: string,
  block: Block,
  starting: Promise<ReadyReport>,
): Promise<TourResult[]> {
  request.onProgress(`${block.name}: starting`);
  const results: TourResult[] = [];
  try {
    const { endpoints } = await unlessAborted(request.signal, starting);
    const urls = Object.fromEntries(endpoints.map(({ name, url }) => [name, url]));
    for (const stop of block.tour) {
      request.onProgress(`${block.name}: ${stop.did}`);
      results.push(await visitStop(request, home, block.name, stop, urls));
    }
  } catch (error) {
    request.signal.throwIfAborted();
    results.push({ block: block.name, did: 'start', problem: messageOf(error), durationMs: 0 });
  }
  return results;
}

async function visitStop(
  request: TourRequest,
  home: string,
  block: string,
  stop: TourStop,
  urls: Readonly<Record<string, string>>,
): Promise<TourResult> {
  const startedAt = request.clock.monotonic();
  const through = urls[stop.through];
  const outcome = await runCommand(request, home, stop, urls)
    .then((stdout) => ({ answer: stop.check(stdout) }))
    .catch((error: unknown) => ({ problem: messageOf(error) }));
  request.signal.throwIfAborted();
  const durationMs = request.clock.monotonic() - startedAt;
  return { block, did: stop.did, ...(through !== undefined && { through }), ...outcome, durationMs };
}

/** The command's stdout. Error: `daemon.tour_failed` with what it said when it exits with another code than the stop has. */
async function runCommand(
  request: TourRequest,
  home: string,
  { command: commandFor, input = '', exitCode: expected = 0 }: TourStop,
  urls: Readonly<Record<string, string>>,
): Promise<string> {
  const args = commandFor(urls);
  const [command, ...leading] = request.program;
  const inherited = Object.entries(request.env).filter(([key]) => !key.startsWith('DS_'));
  const child = spawn(command, [...leading, ...args], {
    env: { ...Object.fromEntries(inherited), DS_HOME: home, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: request.signal,
    timeout: COMMAND_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      if (output[name].length < MOST_OUTPUT) output[name] += text;
    });
  }
  child.stdin.on('error', () => {}); // a command need not read its input
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === expected) return output.stdout;
  const said = output.stderr.trim() || output.stdout.trim();
  throw daemonErrors.error('daemon.tour_failed', `ds ${args.join(' ')} ${sayEnd(child)}: ${said}`);
}

function sayEnd({ killed, exitCode, signalCode }: ChildProcess): string {
  if (killed) return `did not end within ${COMMAND_TIMEOUT_MS} ms`;
  return signalCode === null ? `exited with ${exitCode}` : `was ended by ${signalCode}`;
}

async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const patience = new AbortController();
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: patience.signal });
  });
  return Promise.race([promise, interrupted]).finally(() => patience.abort());
}

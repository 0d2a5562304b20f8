/** What a torture of rotations harms: the agent, the server it ships to, the disk that its ledger is on. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/platform/clock.js';
import { hasPackages } from '../helpers/programs.js';
import { type RunningDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** What a life's clock is off by. */
const CLOCK_STEPS = ['+0', '-3d', '+2h', '+400d', '-1s'];

/** One `ds log ship` after the other, each with a clock of its own where there is faketime. One that has ended by itself stays so. */
export class Agents {
  readonly #args: readonly string[];
  readonly #clockLibrary = clockLibrary();
  #lives = 0;
  #child: ChildProcess;

  constructor(args: readonly string[]) {
    this.#args = args;
    this.#child = this.#start();
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  /** The moment of a kill is to be a random one, whatever the process is at: there is no condition to wait on. */
  async killAfter(ms: number): Promise<void> {
    await systemClock.sleep(ms);
    await this.#end('SIGKILL');
    this.#child = this.#start();
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  #start(): ChildProcess {
    const step = CLOCK_STEPS[this.#lives++ % CLOCK_STEPS.length] ?? '+0';
    const clock = { LD_PRELOAD: this.#clockLibrary, FAKETIME: step, DONT_FAKE_MONOTONIC: '1' };
    const env = { ...process.env, ...(this.#clockLibrary === '' ? {} : clock) };
    return spawn(process.execPath, [PROGRAM, ...this.#args], { stdio: 'ignore', env });
  }
}

/** Not by way of the program faketime: the agent would be its child, and not die with it. Empty: there is none. */
function clockLibrary(): string {
  if (!hasPackages('faketime')) return '';
  return spawnSync('faketime', ['now', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).stdout.trim();
}

/** `ds log serve` on its file, at the same address in each life. */
export class Collector {
  readonly db: string;
  #daemon: RunningDs;

  private constructor(db: string, daemon: RunningDs) {
    this.db = db;
    this.#daemon = daemon;
  }

  static async start(db: string): Promise<Collector> {
    return new Collector(db, await serve(db, '127.0.0.1:0'));
  }

  get address(): string {
    return new URL(this.#daemon.ready.endpoints['http'] ?? '').host;
  }

  async kill(): Promise<void> {
    const { address } = this;
    await this.#daemon.stop('SIGKILL');
    this.#daemon = await serve(this.db, address);
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
  }
}

function serve(db: string, address: string): Promise<RunningDs> {
  return startDs(['log', 'serve', '--db', db, '--listen', address, '--admin', 'off', '--keep', '0']);
}

/** A disk of a few MB, where it can be mounted; else a folder that is never full. */
export class SmallDisk {
  readonly folder = temporaryFolder();
  readonly #isMounted: boolean;

  constructor(megabytes: number) {
    this.#isMounted = hasPackages('util-linux');
    if (!this.#isMounted) return;
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', this.folder]);
    if (status !== 0) throw new Error(`mount: ${stderr}`);
    onTestFinished(() => void spawnSync('umount', ['-l', this.folder]));
  }

  /** Takes all the room that is left. */
  fill(): void {
    if (!this.#isMounted) return;
    const descriptor = openSync(this.#filler, 'w');
    try {
      for (const piece of [Buffer.alloc(65_536), Buffer.alloc(4096)]) fillWith(descriptor, piece);
    } finally {
      closeSync(descriptor);
    }
  }

  empty(): void {
    rmSync(this.#filler, { force: true });
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }
}

function fillWith(descriptor: number, piece: Buffer): void {
  try {
    for (;;) writeSync(descriptor, piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

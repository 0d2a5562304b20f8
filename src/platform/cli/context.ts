/** What a command receives from outside: time, randomness, environment, places, signals. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Clock, type Random, systemClock, systemRandom } from '../clock.js';
import { readMachineFingerprint } from '../machine.js';
import { type Environment, homeFolder } from '../paths.js';
import { interruptSignal } from './signals.js';

export interface CommandContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Environment;
  /** `$DS_HOME`, absolute; not created yet. */
  readonly home: string;
  /** Identifies this machine, for stores that must not be used from two. */
  readonly machine: string;
  /** IANA name of the machine's time zone; `UTC` where it has none. Reading it loads Intl: some milliseconds. */
  readonly timeZone: string;
  /**
   * Aborted on SIGINT or SIGTERM. Reading it promises to act on it: the first signal then no longer ends the process.
   */
  readonly signal: AbortSignal;
  /** This very program, to be run once more: node and bin/run.js. */
  readonly program: readonly [string, string];
  /** What a worker thread that runs a block begins with. */
  readonly workerEntry: URL;
  readonly version: string;
}

/** `from` is oclif's Config, of which nothing is read before it is asked for. */
export function makeContext(
  from: { readonly root: string; readonly version: string },
  env: Environment = process.env,
): CommandContext {
  return {
    clock: systemClock,
    random: systemRandom,
    env,
    home: homeFolder(env),
    get machine() {
      return readMachineFingerprint();
    },
    get timeZone() {
      return new Intl.DateTimeFormat().resolvedOptions().timeZone;
    },
    get signal() {
      return interruptSignal();
    },
    program: [process.execPath, join(from.root, 'bin', 'run.js')],
    get workerEntry() {
      return pathToFileURL(join(from.root, 'dist', 'src', 'blocks', 'worker.js'));
    },
    get version() {
      return from.version;
    },
  };
}

/**
 * What a block gives the platform so that it can be served, supervised and toured. The platform knows no block;
 * `src/blocks/catalogue.ts` lists them.
 */
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock, Random } from '../clock.js';
import type { OptionSchema } from '../config/options.js';
import type { Environment } from '../paths.js';

export interface Endpoint {
  /** Short name, unique within the daemon: `redis`, `http`, `admin`. */
  readonly name: string;
  /** As a client would be given it: `redis://127.0.0.1:6390`. */
  readonly url: string;
}

/** What a daemon is given; everything outside comes in through here. */
export interface DaemonContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The block registers its metrics here; the admin endpoint serves them. */
  readonly metrics: Registry;
  /** `$DS_HOME`. */
  readonly home: string;
  /** Identifies this machine, for stores that must not be used from two. */
  readonly machine: string;
  /** Of ds. */
  readonly version: string;
  /** The process's own, for blocks that run programs. */
  readonly environment: Environment;
}

export interface RunningDaemon {
  /** In the order of the ready line; the first is the one for people. */
  readonly endpoints: readonly Endpoint[];
  /** The SQLite file, absolute. */
  readonly db?: string;
  /** A few words on what is in it: `3 sequences, 2 workers leased`. */
  readonly detail: string;
  /** A command to try, for the ready line: `redis-cli -p 6390 INCR orders`. */
  readonly hint: string;
  /** Throws when the daemon cannot serve (its store fails): /readyz then answers 503 with the message. */
  checkReady(): Promise<void>;
  /** For the stopping line. */
  pending(): { readonly connections: number; readonly writes: number };
  /** Stops accepting, finishes what is in flight within `graceMs`, flushes, closes. */
  stop(graceMs: number): Promise<void>;
  /** After the stop: what it broke off, in place of «nothing lost» on the stopping line: `2 runs cut off`. */
  cutOff?(): string | undefined;
}

/** Options of a daemon as ds.yaml and the flags of `serve` give them: lower-camel-case keys, not yet checked. */
export type RawOptions = Readonly<Record<string, unknown>>;

export interface Block {
  readonly name: string;
  /** One line for `ds`. */
  readonly summary: string;
  /** What its daemon can be told, by flag and in ds.yaml; includes the shared options (shared-options.ts) of every daemon. */
  readonly options: OptionSchema;
  /** Starts the daemon. Options are checked before anything is opened: `config.invalid` names the key and the value. */
  serve(options: RawOptions, context: DaemonContext): Promise<RunningDaemon>;
  /** The block's lines of `ds tour`. */
  readonly tour: readonly TourStop[];
}

export interface TourStop {
  /** `three snowflake IDs`. */
  readonly did: string;
  /** Arguments of the `ds` command to run, given the daemon's endpoints by name. */
  command(endpoints: Readonly<Record<string, string>>): readonly string[];
  /** What the command reads from stdin; nothing unless told. */
  readonly input?: string;
  /** Name of the endpoint the command goes through. */
  readonly through: string;
  /** What the command exits with when it answers as it should; 0 unless told. */
  readonly exitCode?: number;
  /** Reads the command's stdout; throws when the answer is wrong, else returns it in a few words. */
  check(stdout: string): string;
}

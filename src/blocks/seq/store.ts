/** The sequencer on a SQLite file, in this process: what commands use without a daemon, and daemons underneath. */
import type { Clock } from '../../platform/clock.js';
import { GroupCommit } from '../../platform/store/group-commit.js';
import type { Sync } from '../../platform/store/pragmas.js';
import { openStore, type Store } from '../../platform/store/store.js';
import type { HybridClock, Sequencer, Tickets, WorkerRegistry } from './sequencer.js';
import { type AdoptReport, adoptFile } from './store/adopt.js';
import { countRows, type SequencerCounts } from './store/counts.js';
import { checkMachine, initialiseFile, readMachine } from './store/file.js';
import { StoredGapless } from './store/gapless.js';
import { StoredHybridClock } from './store/hlc.js';
import { sequencerFile } from './store/schema.js';
import { StoredTickets } from './store/tickets.js';
import { StoredWorkers } from './store/workers.js';

export interface SequencerStoreOptions {
  /** Made, with its folder, when there is none. */
  readonly path: string;
  readonly clock: Clock;
  /** This machine's fingerprint (platform/machine.ts). */
  readonly machine: string;
  /**
   * Default `full`. With `normal` everything survives `kill -9`, but a power loss may take back the last moments, and
   * then IDs and tickets given out in them are given out again.
   */
  readonly sync?: Sync;
  /** Milliseconds to wait for another process's write; default 5000. */
  readonly busyTimeoutMs?: number;
  /**
   * For a command that leases, makes IDs, releases and ends by `process.exit`: the release is not flushed (a power
   * loss at that moment leaves the number leased until its time runs out), and close leaves the WAL where it is.
   * Two flushes to the disk instead of six. Default false.
   */
  readonly oneShot?: boolean;
}

interface TicketStore extends Tickets {
  /** See {@link StoredTickets.giveBack}. */
  giveBack: StoredTickets['giveBack'];
}

export interface SequencerStore extends Sequencer {
  readonly path: string;
  readonly tickets: TicketStore;
  /** What is in the file, for `ds seq stats` and the ready line. */
  counts(): SequencerCounts;
  /** Writes that wait for the disk. */
  pendingWrites(): number;
  /** Throws when the file can no longer be read, or is no longer the one at its path. */
  check(): void;
  /** The file itself, for integrity checks and backups. */
  readonly file: Store;
}

/**
 * Errors: those of the storage catalogue, and `seq.copied_database` when the file was made on another machine
 * ({@link adoptSequencerStore} is the way out).
 */
export function openSequencerStore(options: SequencerStoreOptions): SequencerStore {
  const store = openFile(options);
  try {
    checkMachine(store, options.machine);
  } catch (error) {
    store.close();
    throw error;
  }
  return assemble(store, options);
}

/**
 * Makes a file from another machine this machine's own. Only right when nothing uses the original any more.
 * On a file that is this machine's already it does nothing.
 */
export function adoptSequencerStore(options: Pick<SequencerStoreOptions, 'path' | 'clock' | 'machine'>): AdoptReport {
  const store = openFile(options);
  try {
    return adoptFile(store, options.machine, options.clock.now());
  } finally {
    store.close();
  }
}

function openFile(options: Omit<SequencerStoreOptions, 'clock'>): Store {
  const { path, sync, busyTimeoutMs } = options;
  return openStore(sequencerFile, {
    path,
    ...(sync === undefined ? {} : { sync }),
    ...(busyTimeoutMs === undefined ? {} : { busyTimeoutMs }),
    closing: options.oneShot ? 'leave' : 'checkpoint',
    initialise: (store) => initialiseFile(store, options.machine),
  });
}

function assemble(store: Store, options: SequencerStoreOptions): SequencerStore {
  const { clock } = options;
  const commits = new GroupCommit(store);
  const workers: WorkerRegistry = new StoredWorkers(
    store,
    commits,
    clock,
    options.oneShot ? { releaseSync: 'normal' } : {},
  );
  const hlc: HybridClock = new StoredHybridClock(store, commits, clock);
  return {
    path: store.path,
    file: store,
    workers,
    tickets: assembleTickets(new StoredTickets(store, commits), new StoredGapless(store, commits, clock)),
    hlc,
    counts: () => countRows(store, clock.now()),
    pendingWrites: () => commits.pending,
    check: () => {
      store.checkInPlace();
      readMachine(store);
    },
    close: async () => {
      await commits.close();
      store.close();
    },
  };
}

function assembleTickets(blocks: StoredTickets, gapless: StoredGapless): TicketStore {
  return {
    take: (name, count) => blocks.take(name, count),
    current: (name) => blocks.current(name),
    giveBack: (name, unused) => blocks.giveBack(name, unused),
    list: () => blocks.list(),
    reserve: (name, request) => gapless.reserve(name, request),
    commit: (ticket) => gapless.commit(ticket),
    abort: (ticket) => gapless.abort(ticket),
    holes: (name) => gapless.holes(name),
  };
}

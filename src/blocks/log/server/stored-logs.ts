/** The logs that the daemon serves: the store on a file, asked through the query engine. */

import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { DaemonContext } from '../../../platform/daemon/block.js';
import { blockDatabase } from '../../../platform/paths.js';
import type { EntryBatch } from '../entry-batch.js';
import type { Tenant } from '../log-store.js';
import { parseQuery, printQuery } from '../logql/index.js';
import { FileLogStore } from '../store/file-log-store.js';
import { maintain } from '../store/maintenance.js';
import { readTotals } from '../store/totals.js';
import { type EntryStore, openEntryStore } from '../store.js';
import type { LogFigures, Logs, QueryKind, TenantLogs } from './logs.js';
import type { Setup } from './setup.js';

/** Errors: those of the store. */
export function openStoredLogs(setup: Setup, { clock, home, logger }: DaemonContext): StoredLogs {
  const path = resolve(setup.options.db ?? blockDatabase(home, 'log'));
  return new StoredLogs(openEntryStore({ path, clock }), path, setup, logger);
}

export class StoredLogs implements Logs {
  readonly path: string;
  readonly #store: EntryStore;
  readonly #setup: Setup;
  readonly #logger: Logger;
  #keptFrom: bigint | undefined;

  constructor(store: EntryStore, path: string, setup: Setup, logger: Logger) {
    this.#store = store;
    this.path = path;
    this.#setup = setup;
    this.#logger = logger;
    store.damage.onFound = (err) => logger.error({ err }, 'a block is damaged: queries go without what is in it');
  }

  /** Nanoseconds since the Unix epoch: retention takes what is older; undefined while it has not looked, or takes nothing by its age. */
  get keptFrom(): bigint | undefined {
    return this.#keptFrom;
  }

  tenant(name: Tenant): TenantLogs {
    return new FileLogStore(this.#store, name);
  }

  append(tenant: Tenant, batch: EntryBatch): Promise<void> {
    return this.#store.append(tenant, batch);
  }

  figures(): LogFigures {
    return { ...readTotals(this.#store.sql), damagedBlocks: this.#store.damage.count };
  }

  /** Merges small blocks and removes what is too old or too much, until the signal. */
  keepUp(signal: AbortSignal): Promise<void> {
    const { keepMs, mostBytes } = this.#setup;
    const logger = this.#logger;
    return maintain(this.#store, {
      keepMs,
      mostBytes,
      signal,
      onKeptFrom: (time) => {
        this.#keptFrom = time;
      },
      onRemoved: (removed) => logger.info({ ...removed }, 'entries were removed by --keep or --max-size'),
      onLeap: () =>
        logger.warn(
          'the clock is more than a day ahead of what it was: --keep goes by it after a day, unless it comes back',
        ),
      onTrouble: (err) => logger.error({ err }, 'compaction or retention met a problem; it tries again in time'),
    });
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

/** Error: `log.bad_query`. */
export function readQuery(query: string): QueryKind {
  const parsed = parseQuery(query);
  const text = printQuery(parsed);
  if (parsed.kind !== 'log') return { kind: 'metric', selector: '', names: [], text };
  const names = [...new Set(parsed.matchers.map(({ name }) => name))];
  return { kind: 'log', selector: printQuery({ ...parsed, stages: [] }), names, text };
}

/**
 * Where a benchmark keeps its jobs and runs, for its time only: a file in a folder of its own, or a schema of its own in a PostgreSQL.
 * What is there already is not touched. A benchmark that is killed leaves the folder or the schema behind: `bench-…`, `ds_cron_bench_…`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Random } from '../../../platform/clock.js';
import { makeFolder } from '../../../platform/make-folder.js';
import type { Ledger } from '../ledger.js';
import { openCronStore } from '../store.js';

export interface PlaceRequest {
  /** The folder is made in it, so that the disk is that of the user's own store: `$DS_HOME`. */
  readonly home: string;
  /** Of a PostgreSQL; else it is a file. */
  readonly url?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export interface BenchPlace {
  readonly ledger: Ledger;
  /** With which `ds cron serve` uses it. */
  readonly args: readonly string[];
}

/** Errors: those of the stores. */
export async function withBenchPlace<T>(request: PlaceRequest, use: (place: BenchPlace) => Promise<T>): Promise<T> {
  makeFolder(request.home);
  const folder = await mkdtemp(join(request.home, 'bench-'));
  try {
    const { url } = request;
    return url === undefined ? await inFile(request, folder, use) : await inSchema(request, url, folder, use);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function inFile<T>({ clock, random }: PlaceRequest, folder: string, use: (place: BenchPlace) => Promise<T>) {
  const path = join(folder, 'cron.db');
  const ledger = await openCronStore({ path, clock, random });
  return useAndClose({ ledger, args: ['--db', path] }, use);
}

async function inSchema<T>(
  request: PlaceRequest,
  text: string,
  folder: string,
  use: (place: BenchPlace) => Promise<T>,
) {
  const { openPostgresLedger } = await import('../remote/postgres.js');
  const { clock, random, signal } = request;
  const url = new URL(text);
  url.searchParams.set('schema', `ds_cron_bench_${Buffer.from(random.bytes(6)).toString('hex')}`);
  // Others see the arguments of a process, and the URL may have a password in it.
  const file = join(folder, 'url');
  await writeFile(file, `${url.href}\n`, { mode: 0o600 });
  const ledger = await openPostgresLedger(url.href, { clock, random, signal });
  try {
    return await useAndClose({ ledger, args: ['--database-file', file] }, use);
  } finally {
    await dropSchema(url.href);
  }
}

async function dropSchema(url: string): Promise<void> {
  const { parsePostgresUrl } = await import('../remote/postgres/address.js');
  const { makeClient } = await import('../remote/postgres/connect.js');
  const { translatePostgresError } = await import('../remote/postgres/failures.js');
  const address = parsePostgresUrl(url);
  const client = await makeClient(address);
  try {
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS ${address.schema} CASCADE`);
  } catch (error) {
    throw translatePostgresError(error, address.place);
  } finally {
    await client.end().catch(() => {});
  }
}

async function useAndClose<T>(place: BenchPlace, use: (place: BenchPlace) => Promise<T>): Promise<T> {
  try {
    return await use(place);
  } finally {
    await place.ledger.close();
  }
}

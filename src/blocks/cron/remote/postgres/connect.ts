/** How connections to PostgreSQL are set up, each setting with its reason. `pg` is imported here, at the first use. */
import type { Client, ClientConfig, CustomTypesConfig, Pool } from 'pg';
import type { PostgresAddress } from './address.js';

/** A server that does not answer is unreachable. */
const CONNECT_TIMEOUT_MS = 5_000;
/** The largest transaction, 100,000 slots, takes a few seconds. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** A process that was stopped in the middle must not keep rows locked for longer. */
const IDLE_TRANSACTION_TIMEOUT_MS = 15_000;

/**
 * Every statement finds a few rows by an index. Where a table has grown since it was last analysed the planner believes that it
 * is small, and would rather read all of it: to find 10 of 10,000 due runs took 35 ms so, and less than 1 ms with these. What is prepared is planned
 * for a long time, perhaps when all tables were empty.
 */
const PLANNING = ['enable_seqscan=off', 'enable_bitmapscan=off', 'random_page_cost=1.1', 'jit=off'];

/** Type numbers of PostgreSQL (pg_type.dat). */
const INT8 = 20;

export interface TypedPool {
  readonly pool: Pool;
  readonly types: CustomTypesConfig;
}

export async function makePool(address: PostgresAddress, connections: number): Promise<TypedPool> {
  const pg = await load();
  const types = typesOf(pg.types.getTypeParser);
  const pool = new pg.Pool({
    ...settings(address, types),
    max: connections,
    // A daemon uses them every few seconds; what a burst needed is given back.
    idleTimeoutMillis: 30_000,
  });
  return { pool, types };
}

/** Outside the pool: it waits for notifications as long as it lives. */
export async function makeClient(address: PostgresAddress): Promise<Client> {
  const pg = await load();
  return new pg.Client(settings(address, typesOf(pg.types.getTypeParser)));
}

async function load() {
  return (await import('pg')).default;
}

function typesOf(parserOf: CustomTypesConfig['getTypeParser']): CustomTypesConfig {
  return { getTypeParser: (oid, format) => (oid === INT8 ? Number : parserOf(oid, format)) };
}

function settings({ url, schema }: PostgresAddress, types: CustomTypesConfig): ClientConfig {
  return {
    connectionString: url,
    application_name: 'ds cron',
    options: [`search_path=${schema}`, ...PLANNING].map((setting) => `-c ${setting}`).join(' '),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    // Where the network swallows the answer, nobody waits for ever.
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types,
  };
}

/** What a postgres:// URL says: where the server is, which schema, and how it is shown. */
import { messageOf } from '../../../../platform/errors.js';
import { peerErrors } from '../../../../platform/protocol/errors.js';

export interface PostgresAddress {
  /** For the client library. */
  readonly url: string;
  readonly schema: string;
  /** For people: without a password. */
  readonly place: string;
}

const DEFAULT_SCHEMA = 'ds_cron';
/** Stands in SQL as it is, and is the name of a channel, too. */
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

/** Error: `peer.bad_url`. */
export function parsePostgresUrl(text: string): PostgresAddress {
  const url = parse(text);
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA;
  if (!SCHEMA.test(schema) || schema.startsWith('pg_'))
    throw badUrl(`${JSON.stringify(schema)} cannot be the schema: it is 1 to 63 of a-z, 0-9 and _, no digit first`);
  url.searchParams.delete('schema');
  const shown = new URL(url);
  shown.password = '';
  for (const name of ['password', 'sslpassword']) shown.searchParams.delete(name);
  if (schema !== DEFAULT_SCHEMA) shown.searchParams.set('schema', schema);
  return { url: url.href, schema, place: shown.href };
}

function parse(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    // The text is not shown: it may have a password in it.
    throw badUrl(`the URL of the database cannot be read: ${messageOf(error).toLowerCase()}`);
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw badUrl(`${url.protocol}// is no URL of a PostgreSQL`);
  return url;
}

function badUrl(message: string) {
  return peerErrors.error('peer.bad_url', message, { hint: 'give one like postgres://user@127.0.0.1:5432/postgres' });
}

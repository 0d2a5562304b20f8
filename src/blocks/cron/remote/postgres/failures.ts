/** What PostgreSQL and its client library report, as errors of the catalogue; and what is worth another try. */
import { codeOf, DsError, messageOf } from '../../../../platform/errors.js';
import { cronErrors } from '../../errors.js';

/** serialization_failure, deadlock_detected: the transaction was undone, and may well pass the next time. */
const UNDONE = new Set(['40001', '40P01']);

/** Classes of errors that the statements themselves would be to blame for: a bug. */
const OWN_FAULTS = /^(22|23|26|34|42(?!501))/;

/** The client library's words, where the server asks by SCRAM. */
const NO_PASSWORD = /client password must be a (non-empty )?string/;

/** The library reads ~/.pgpass too, but only until its next major version. */
const GIVE_PASSWORD = 'give the password in the URL, as user:password@host, or in the environment: PGPASSWORD';

export function wasUndone(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && UNDONE.has(code);
}

/** A {@link DsError} and a bug come back as they are. */
export function translatePostgresError(error: unknown, place: string): unknown {
  if (error instanceof DsError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code !== undefined && OWN_FAULTS.test(code)) return error;
  if (code === undefined && !isConnectionError(error)) return error;
  const lacksPassword = NO_PASSWORD.test(error.message);
  const reason = lacksPassword ? 'the server asks for a password, and none is given' : reasonOf(error);
  return cronErrors.error('cron.database_unreachable', `${place}: ${reason}`, {
    hint: lacksPassword ? GIVE_PASSWORD : hintOf(code, place),
    details: { url: place, ...(code === undefined ? {} : { reason: code }) },
    cause: error,
  });
}

/** The client library has no codes for these. */
function isConnectionError(error: Error): boolean {
  return /connection|connect|timeout|Client was closed|server does not support SSL|password/i.test(error.message);
}

function reasonOf(error: Error): string {
  // Of a name with several addresses: why the first could not be reached.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return lowerFirst(messageOf(first ?? error));
}

function hintOf(code: string | undefined, place: string): string {
  if (code === '28P01' || code === '28000') return GIVE_PASSWORD;
  if (code === '53100') return 'make room on the disk of the server';
  return `see whether it can be reached: psql '${place.replace(/\?.*$/, '')}' -c 'select 1'`;
}

function lowerFirst(text: string): string {
  return /^[A-Z](?![A-Z])/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

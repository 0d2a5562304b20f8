/** Errors of zone files: what is wrong is found where no one knows the place; the parser adds file and line. */
import { DsError } from '../../../../platform/errors.js';
import { dnsErrors } from '../../errors.js';

/** Without its place. */
export function badEntry(message: string, hint?: string): DsError {
  return dnsErrors.error('dns.bad_zone_file', message, hint === undefined ? {} : { hint });
}

/** Codes of what a word of the file can be wrong in. */
const OF_THE_FILE: ReadonlySet<string> = new Set(['dns.bad_record', 'dns.bad_name', 'dns.unknown_type']);

/** What was thrown while an entry was read, with its place in front; line 0 is before the first. */
export function placed(error: unknown, file: string, line: number): unknown {
  if (!(error instanceof DsError) || line === 0) return error;
  const message = `${file}:${line}: ${error.message}`;
  const context = {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: { ...error.details, file, line },
    cause: error,
  };
  if (OF_THE_FILE.has(error.code)) return dnsErrors.error('dns.bad_zone_file', message, context);
  return new DsError(error.code, error.kind, message, context);
}

/** A word as errors show it. */
export function shown(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 37)}…` : text}"`;
}

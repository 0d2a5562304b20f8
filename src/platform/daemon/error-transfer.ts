/** Errors on their way between processes and threads. A structured clone would lose the class and the code. */
import { DsError, type ErrorDetail, type ErrorKind, messageOf } from '../errors.js';
import { daemonErrors } from './errors.js';

export interface PlainError {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint?: string;
  readonly details: Readonly<Record<string, ErrorDetail>>;
}

/** An error that is no DsError is one that nothing expected: `daemon.crashed`. */
export function toPlainError(error: unknown): PlainError {
  const known = error instanceof DsError ? error : crashed(error);
  return {
    code: known.code,
    kind: known.kind,
    message: known.message,
    ...(known.hint !== undefined && { hint: known.hint }),
    details: known.details,
  };
}

export function fromPlainError(plain: PlainError): DsError {
  const { code, kind, message, hint, details } = plain;
  return new DsError(code, kind, message, { details, ...(hint !== undefined && { hint }) });
}

export function crashed(error: unknown): DsError {
  return daemonErrors.error('daemon.crashed', `the daemon met an unexpected error: ${messageOf(error)}`, {
    cause: error,
  });
}

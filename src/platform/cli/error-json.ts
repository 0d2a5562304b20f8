/** Errors as `--json` has them, each told once. */
import type { DsError } from '../errors.js';

const told = new WeakSet<DsError>();

/** `{code, message, hint, …details}` */
export function errorJson({ code, message, hint, details }: DsError): Record<string, unknown> {
  return { code, message, hint, ...details };
}

/** Stdout has it in a document: a second one behind it could not be parsed. */
export function noteTold(error: DsError): void {
  told.add(error);
}

export function isTold(error: DsError): boolean {
  return told.has(error);
}

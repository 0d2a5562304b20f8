/** Errors of the key-value store: the catalogue of its commands, and refusals in Redis's own words. */
import { DsError } from '../../platform/errors.js';

/** Answers a command with `-CODE message`: Redis's own codes and texts. */
export function refusal(code: string, message: string): DsError {
  return new DsError(code.toLowerCase(), 'usage', message);
}

export const wrongType = () => refusal('WRONGTYPE', 'Operation against a key holding the wrong kind of value');
export const notAnInteger = () => refusal('ERR', 'value is not an integer or out of range');
export const notAFloat = () => refusal('ERR', 'value is not a valid float');
export const syntaxError = () => refusal('ERR', 'syntax error');
export const noSuchKey = () => refusal('ERR', 'no such key');
export const outOfRange = () => refusal('ERR', 'index out of range');

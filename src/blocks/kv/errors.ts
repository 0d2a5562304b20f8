/** Errors of the key-value store: the catalogue of its commands, and refusals in Redis's own words. */
import { DsError, defineErrors } from '../../platform/errors.js';

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

/** Errors of the commands of `ds kv`, and of the commands that only its own daemon has. */
export const kvErrors = defineErrors({
  'kv.no_revisions': {
    kind: 'usage',
    meaning: 'The server is a Redis or Valkey, which keeps no revisions and no history of changes.',
  },
  'kv.revision_ahead': {
    kind: 'no',
    meaning:
      'The changes asked for begin beyond the last revision: the store is another one, or an earlier state of it.',
  },
  'kv.history_gone': { kind: 'no', meaning: 'The changes asked for are older than the history that is kept.' },
  'kv.wrong_type': { kind: 'usage', meaning: 'The key holds a value of another type than the command works on.' },
  'kv.refused': { kind: 'usage', meaning: "The store refused the command; the message is Redis's own." },
  'kv.turn_too_large': {
    kind: 'storage',
    meaning: 'Commands that are one transaction would write more bytes at once than the store takes.',
  },
  'kv.too_large': { kind: 'usage', meaning: 'A value has more bytes than the store takes.' },
  'kv.not_utf8': {
    kind: 'usage',
    meaning: 'A key or value on the command line is not UTF-8: what is stored would be something else.',
  },
  'kv.bad_record': { kind: 'usage', meaning: 'A line of the input is no record as ds kv export writes it.' },
});

/** Arguments of the sequencer's commands. */
import { Arguments } from '../../../platform/protocol/resp/arguments.js';
import { seqErrors } from '../errors.js';

/** Errors of all that is read from it: `seq.bad_argument`. */
export const readArguments = (raw: readonly Buffer[]) =>
  new Arguments(raw, (message) => seqErrors.error('seq.bad_argument', message));

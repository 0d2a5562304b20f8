/** Error codes of the command line itself. */
import { defineErrors } from '../errors.js';

export const cliErrors = defineErrors({
  'usage.invalid_value': {
    kind: 'usage',
    meaning: 'A flag or an argument has a value that cannot be read or is out of bounds.',
  },
  'usage.unknown_flag': { kind: 'usage', meaning: 'The command has no such flag.' },
  'usage.unknown_command': { kind: 'usage', meaning: 'There is no such command.' },
  'usage.missing': { kind: 'usage', meaning: 'A required argument, flag or value is missing.' },
  'usage.unexpected_argument': { kind: 'usage', meaning: 'The command takes fewer arguments.' },
  'usage.conflict': { kind: 'usage', meaning: 'Flags were combined that exclude or need each other.' },
  'usage.unreadable_input': { kind: 'usage', meaning: 'An input file cannot be opened or read.' },
  'cli.output_failed': {
    kind: 'storage',
    meaning: 'What stdout leads to, or a file, cannot be written: a full disk, for one.',
  },
  'cli.program_not_found': {
    kind: 'usage',
    meaning: 'A program that ds was to run does not exist; the exit code is then 127, as in shells.',
  },
  'cli.program_not_run': {
    kind: 'usage',
    meaning: 'A program that ds was to run cannot be executed; the exit code is then 126, as in shells.',
  },
  'cli.internal': { kind: 'internal', meaning: 'An error that nothing expected: a bug; DEBUG=ds shows where.' },
  'cli.interrupted': { kind: 'interrupted', meaning: 'A signal stopped the command.' },
});

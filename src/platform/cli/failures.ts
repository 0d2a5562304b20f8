/** The one place where an error is printed and becomes an exit code. */

import { colored, plain } from '../colors.js';
import { DsError } from '../errors.js';
import { escapeForTerminal, escapeJsonForTerminal } from '../terminal-safety.js';
import { errorJson, isTold } from './error-json.js';
import { cliErrors } from './errors.js';
import { EXIT_DONE, exitCodeOf } from './exit-codes.js';
import { toJson } from './json.js';
import { guessOutputFlags, wantsColorOn } from './output-flags.js';
import { ClosedPipe, isStdoutTerminal, writeOut } from './standard-output.js';

/** Prints the error as the command line asks and returns the exit code. `argv` is all that was typed. */
export async function reportFailure(error: unknown, argv: readonly string[]): Promise<number> {
  if (error instanceof ClosedPipe) return EXIT_DONE;
  const known = await translated(error);
  const failure = known instanceof DsError ? known : unexpected(known, argv);
  // Who pressed Ctrl-C knows.
  if (failure.kind !== 'interrupted') {
    const flags = guessOutputFlags(argv);
    const told = flags.json && (isTold(failure) || saysAsJson(failure));
    if (!told) process.stderr.write(errorText(failure, wantsColorOn(process.stderr, flags)));
  }
  if (wantsStack(process.env['DEBUG'])) process.stderr.write(`${stackOf(error)}\n`);
  return exitCodeOf(failure.kind);
}

function unexpected(error: unknown, argv: readonly string[]): DsError {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return cliErrors.error('cli.internal', `unexpected ${what}`, { hint: `DEBUG=ds ds ${argv.join(' ')}` });
}

/** Errors of oclif's own commands (autocomplete) have not been translated by DsCommand. */
async function translated(error: unknown): Promise<unknown> {
  if (error instanceof DsError || !(error instanceof Error) || !('oclif' in error)) return error;
  const { translateParseError } = await import('./parse-errors.js');
  return translateParseError(error, { command: 'ds', flags: [] });
}

/** False when stdout takes nothing; perhaps that is the very failure. */
function saysAsJson(failure: DsError): boolean {
  try {
    const json = toJson({ error: errorJson(failure) });
    writeOut(`${isStdoutTerminal() ? escapeJsonForTerminal(json) : json}\n`);
    return true;
  } catch {
    return false;
  }
}

function errorText({ message, hint }: DsError, inColor: boolean): string {
  const paint = inColor ? colored : plain;
  const safe = process.stderr.isTTY === true ? escapeForTerminal : (text: string) => text;
  const lines = [`${paint('red', 'error:')} ${safe(message)}`];
  if (hint !== undefined) lines.push(`${paint('dim', 'hint:')}  ${safe(hint)}`);
  return `${lines.join('\n')}\n`;
}

/** `DEBUG=ds`, among others, or `*`. */
function wantsStack(debug: string | undefined): boolean {
  return debug?.split(/[\s,]+/).some((name) => name === 'ds' || name === '*' || name.startsWith('ds:')) ?? false;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** Runs a program in the place of this one: its input, output and exit code are ours, and so are the signals. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { codeOf, type DsError, messageOf } from '../errors.js';
import { cliErrors } from './errors.js';
import { divertSignals } from './signals.js';

export type ProgramEnd =
  /** The code as shells give it: the program's own, or 128 and the number of the signal that ended it. */
  | { readonly started: true; readonly code: number }
  /** 127: there is no such program; 126: it cannot be run. As in shells, `env`, `nohup` and `timeout`. */
  | { readonly started: false; readonly code: 126 | 127; readonly error: DsError };

/** Beside SIGINT and SIGTERM, which ds handles everywhere. SIGUSR1 opens Node's debugger and stays with it. */
const PASSED_ON = ['SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGCONT'] as const;

/** What a terminal sends to the program, too, since both are of its foreground group. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGHUP']);

export async function runProgram(program: string, args: readonly string[]): Promise<ProgramEnd> {
  const onTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY === true);
  let pass = (_name: NodeJS.Signals): void => {};
  const take = (name: NodeJS.Signals) => {
    if (!(onTerminal && FROM_TERMINAL.has(name))) pass(name);
  };
  const restore = takeSignals(take);
  try {
    return await new Promise((resolve) => {
      const child = spawn(program, args, { stdio: 'inherit' });
      pass = (name) => void child.kill(name);
      child.on('error', (error) => resolve(cannotStart(program, error)));
      child.on('exit', (code, signal) => resolve({ started: true, code: code ?? codeOfSignal(signal) }));
    });
  } finally {
    restore();
  }
}

/** All signals that a program in the place of this one should hear of, until the function returned is called. */
export function takeSignals(take: (name: NodeJS.Signals) => void): () => void {
  const restore = divertSignals(take);
  for (const name of PASSED_ON) process.on(name, take);
  return () => {
    for (const name of PASSED_ON) process.off(name, take);
    restore();
  };
}

/** As shells give it. */
export function codeOfSignal(signal: string | null | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal ?? ''] ?? 0);
}

/** Why a program was not started, of what spawn() failed with. */
export function cannotStart(program: string, cause: Error): Extract<ProgramEnd, { started: false }> {
  const details = { program };
  if (codeOf(cause) === 'ENOENT') {
    const error = cliErrors.error('cli.program_not_found', `there is no program ${JSON.stringify(program)}`, {
      hint: 'a shell reads builtins, pipes and ~: sh -c "…"',
      details,
      cause,
    });
    return { started: false, code: 127, error };
  }
  const error = cliErrors.error('cli.program_not_run', `${program} cannot be run: ${messageOf(cause)}`, {
    hint: `ls -l ${program}`,
    details,
    cause,
  });
  return { started: false, code: 126, error };
}

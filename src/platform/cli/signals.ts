/**
 * Signals as commands see them.
 *
 *     no command reads the signal:  SIGINT, SIGTERM ──▶ the process ends at once, 130, no noise
 *     a command has read it:        first one  ──▶ the AbortSignal aborts, the command winds down
 *                                   second one ──▶ the process ends at once, 130
 *     a program runs for ds:        every one  ──▶ whoever has diverted them passes them on
 *     this thread hears nothing:    SIGINT, SIGTERM ──▶ the system ends the process: for a shell 130 and 143
 */
import { cliErrors } from './errors.js';
import { EXIT_INTERRUPTED } from './exit-codes.js';

let controller: AbortController | undefined;
let diverted: ((name: NodeJS.Signals) => void) | undefined;

const HANDLED = ['SIGINT', 'SIGTERM'] as const;

/** Aborted by the first SIGINT or SIGTERM; its reason is a DsError of kind `interrupted`. */
export function interruptSignal(): AbortSignal {
  controller ??= new AbortController();
  return controller.signal;
}

/** Installed once, before a command runs. */
export function handleSignals(): void {
  for (const name of HANDLED) process.on(name, handle);
}

/**
 * For work that keeps this thread for as long as it likes, and that can be broken off anywhere: no handler would have its turn. The function
 * returned ends that.
 */
export function leaveSignalsToSystem(): () => void {
  // Node gives a signal back to the system with its last listener.
  for (const name of HANDLED) process.off(name, handle);
  return handleSignals;
}

function handle(name: NodeJS.Signals): void {
  if (diverted !== undefined) diverted(name);
  else if (controller === undefined || controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
  else controller.abort(cliErrors.error('cli.interrupted', `stopped by ${name}`));
}

/** From now on SIGINT and SIGTERM neither abort nor end anything here; the function returned ends that. */
export function divertSignals(take: (name: NodeJS.Signals) => void): () => void {
  diverted = take;
  return () => {
    diverted = undefined;
  };
}

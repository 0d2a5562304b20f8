/**
 * Signals as commands see them.
 *
 *     no command reads the signal:  SIGINT, SIGTERM ──▶ the process ends at once, 130, no noise
 *     a command has read it:        first one  ──▶ the AbortSignal aborts, the command winds down
 *                                   second one ──▶ the process ends at once, 130
 *     a program runs for ds:        every one  ──▶ whoever has diverted them passes them on
 */
import { cliErrors } from './errors.js';
import { EXIT_INTERRUPTED } from './exit-codes.js';

let controller: AbortController | undefined;
let diverted: ((name: NodeJS.Signals) => void) | undefined;

/** Aborted by the first SIGINT or SIGTERM; its reason is a DsError of kind `interrupted`. */
export function interruptSignal(): AbortSignal {
  controller ??= new AbortController();
  return controller.signal;
}

/** Installed once, before a command runs. */
export function handleSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (diverted !== undefined) return diverted(name);
      if (controller === undefined || controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      controller.abort(cliErrors.error('cli.interrupted', `stopped by ${name}`));
    });
  }
}

/** From now on SIGINT and SIGTERM neither abort nor end anything here; the function returned ends that. */
export function divertSignals(take: (name: NodeJS.Signals) => void): () => void {
  diverted = take;
  return () => {
    diverted = undefined;
  };
}

/**
 * Signals as commands see them.
 *
 *     no command reads the signal:  SIGINT, SIGTERM ──▶ the process ends at once, 130, no noise
 *     a command has read it:        first one  ──▶ the AbortSignal aborts, the command winds down
 *                                   second one ──▶ the process ends at once, 130
 */
import { cliErrors } from './errors.js';
import { EXIT_INTERRUPTED } from './exit-codes.js';

let controller: AbortController | undefined;

/** Aborted by the first SIGINT or SIGTERM; its reason is a DsError of kind `interrupted`. */
export function interruptSignal(): AbortSignal {
  controller ??= new AbortController();
  return controller.signal;
}

/** Installed once, before a command runs. */
export function handleSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller === undefined || controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      controller.abort(cliErrors.error('cli.interrupted', `stopped by ${name}`));
    });
  }
}

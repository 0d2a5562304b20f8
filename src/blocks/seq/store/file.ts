/** What a sequencer file says of itself: whose machine it lives on, and the last fencing token that it gave. */
import type { Store } from '../../../platform/store/store.js';
import { seqErrors } from '../errors.js';

/** Writes the one row of a new file. */
export function initialiseFile(store: Store, machine: string): void {
  store
    .statement<[string]>('INSERT INTO file (id, machine, token, hlc_wall, hlc_logical) VALUES (1, ?, 0, 0, 0)')
    .run(machine);
}

export function readMachine(store: Store): string {
  const row = store.read(() => store.statement<[], { machine: string }>('SELECT machine FROM file').get());
  return row?.machine ?? '';
}

/**
 * Refuses a file that was made on another machine: the original may be in use there, and the two would give out the
 * same worker numbers and tickets.
 */
export function checkMachine(store: Store, machine: string): void {
  const recorded = readMachine(store);
  if (recorded === machine) return;
  throw seqErrors.error(
    'seq.copied_database',
    `${store.path} belongs to another machine (fingerprint ${recorded.slice(0, 12)}…)`,
    {
      hint:
        `if the original is gone for good: ds seq adopt --db '${store.path}'; otherwise use a fresh --db with explicit ` +
        '--worker numbers, or share numbers through --url redis://…',
      details: { path: store.path, recorded, machine },
    },
  );
}

/** A fencing token above all earlier ones. Within a transaction. */
export function nextToken(store: Store): bigint {
  const row = store.bigStatement<[], { token: bigint }>('UPDATE file SET token = token + 1 RETURNING token').get();
  if (row === undefined) throw new Error('the sequencer file has no row about itself');
  return row.token;
}

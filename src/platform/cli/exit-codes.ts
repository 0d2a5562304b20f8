/** The one place where what happened becomes an exit code. `ds help exit-codes` prints this table. */
import type { ErrorKind } from '../errors.js';

export const EXIT_DONE = 0;
export const EXIT_INTERRUPTED = 130;

const EXIT_CODE_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  no: 1,
  usage: 2,
  peer: 3,
  storage: 4,
  // EX_SOFTWARE of sysexits.h: a bug is never to be mistaken for «the answer is no».
  internal: 70,
  interrupted: EXIT_INTERRUPTED,
};

export function exitCodeOf(kind: ErrorKind): number {
  return EXIT_CODE_OF_KIND[kind];
}

export interface ExitCodeMeaning {
  readonly code: number;
  readonly meaning: string;
}

export const EXIT_CODES: readonly ExitCodeMeaning[] = [
  { code: EXIT_DONE, meaning: 'done; the answer is yes' },
  { code: EXIT_CODE_OF_KIND.no, meaning: 'the answer is no: not found, limited, unhealthy, differs' },
  { code: EXIT_CODE_OF_KIND.usage, meaning: 'bad usage or bad input' },
  { code: EXIT_CODE_OF_KIND.peer, meaning: 'a peer could not be reached, or refused' },
  { code: EXIT_CODE_OF_KIND.storage, meaning: 'the store failed: locked, full, corrupt, newer, read-only' },
  { code: EXIT_CODE_OF_KIND.internal, meaning: 'a bug in ds itself; DEBUG=ds shows where' },
  { code: EXIT_INTERRUPTED, meaning: 'interrupted' },
];

/** Whose server a connection is made to: what the client of each block tells the shared parts. */
import type { ErrorDefinition, ErrorKind } from '../../errors.js';
import { storageErrors } from '../../store/errors.js';

export interface Peer {
  /** As the block's daemon calls itself in HELLO and INFO: `ds-seq`. */
  readonly serverName: string;
  /** `a sequencer`, for sentences. */
  readonly noun: string;
  /** `ds seq serve` */
  readonly serveCommand: string;
  /** `DS_SEQ_URL` */
  readonly urlVariable: string;
  /** Where the block's daemon listens unless told otherwise: `redis://127.0.0.1:6390`. */
  readonly usualUrl: string;
  /** Of an error code that the daemon may send; undefined for a code that is none. */
  kindOf(code: string): ErrorKind | undefined;
}

export interface PeerOptions {
  readonly block: string;
  readonly noun: string;
  /** Of the RESP port. */
  readonly port: number;
  /** What the daemon can refuse with; what its store can fail with is known. */
  readonly errors: Readonly<Record<string, ErrorDefinition>>;
}

export function definePeer({ block, noun, port, errors }: PeerOptions): Peer {
  const known = new Map(Object.entries({ ...errors, ...storageErrors.definitions }));
  return {
    serverName: `ds-${block}`,
    noun,
    serveCommand: `ds ${block} serve`,
    urlVariable: `DS_${block.toUpperCase()}_URL`,
    usualUrl: `redis://127.0.0.1:${port}`,
    kindOf: (code) => known.get(code)?.kind,
  };
}

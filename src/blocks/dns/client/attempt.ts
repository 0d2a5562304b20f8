/** What one sending of a query has in common over every transport. */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../../platform/clock.js';
import { codeOf, type DsError, messageOf } from '../../../platform/errors.js';
import { formatDuration } from '../../../platform/units.js';
import { dnsErrors } from '../errors.js';
import type { Message } from '../wire.js';
import type { NameServer } from './server-address.js';

/** How long to wait, and what ends the wait. */
export interface Patience {
  readonly clock: Clock;
  /** Milliseconds for one attempt, connecting included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Reply {
  readonly message: Message;
  /** As it came. */
  readonly bytes: Uint8Array;
  /** From the sending of the query on; a connection is there by then. */
  readonly elapsedMs: number;
}

/** The same octets, of which slice() makes copies: records that are kept must not keep a whole buffer of Node's. */
export function octetsOf(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** Without a reason of its own an abort makes an error with a stack, which is a twentieth of what a query takes. */
const SETTLED = 'settled';

/** One signal stops any number of queries: Node would warn of more than ten. */
const heardByMany = new WeakSet<AbortSignal>();

function onceAborted(signal: AbortSignal | undefined, listener: () => void): void {
  if (signal === undefined) return;
  if (!heardByMany.has(signal)) setMaxListeners(0, signal);
  heardByMany.add(signal);
  signal.addEventListener('abort', listener, { once: true });
}

/** Calls back once: when the time is over, with undefined, or when the signal is aborted, with its reason. */
export function endOfPatience({ clock, timeoutMs, signal }: Patience, over: (reason: unknown) => void): () => void {
  const settled = new AbortController();
  const onAbort = () => over(signal?.reason);
  clock.sleep(timeoutMs, settled.signal).then(
    () => over(undefined),
    () => {},
  );
  onceAborted(signal, onAbort);
  return () => {
    settled.abort(SETTLED);
    signal?.removeEventListener('abort', onAbort);
  };
}

/** What came instead of the reply, for the error when none has come. */
export class Ignored {
  #count = 0;
  #last = '';

  add(why: string): void {
    this.#count++;
    this.#last = why;
  }

  get count(): number {
    return this.#count;
  }

  timeout(server: NameServer, timeoutMs: number): DsError {
    const messages = this.#count === 1 ? 'one message that does' : `${this.#count} messages that do`;
    const instead =
      this.#count === 0 ? '' : `; ${messages} not belong to the query came instead, the last: ${this.#last}`;
    return dnsErrors.error(
      'dns.timeout',
      `no reply from ${server.shown} within ${formatDuration(timeoutMs)}${instead}`,
      {
        details: { server: server.shown, timeout_ms: timeoutMs, ...(this.#count > 0 ? { ignored: this.#count } : {}) },
      },
    );
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it hung up',
  EPIPE: 'it hung up',
  EHOSTUNREACH: 'no route leads to that host',
  ENETUNREACH: 'no route leads to that network',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve for now',
  EACCES: 'the system does not allow it',
  EADDRNOTAVAIL: 'the system has no address or port left to ask from',
};

/** Why a connection failed, in words; where there are none here, in the system's. */
export function reasonOf(cause: unknown): string {
  return REASONS[codeOf(cause) ?? ''] ?? messageOf(cause);
}

export function unreachable(server: NameServer, cause: unknown): DsError {
  const code = codeOf(cause);
  const why = reasonOf(cause);
  return dnsErrors.error('dns.unreachable', `${server.shown} cannot be reached: ${why}`, {
    details: { server: server.shown, ...(code === undefined ? {} : { reason: code }) },
    cause,
  });
}

export function badAnswer(server: NameServer, why: string, details: Readonly<Record<string, number>> = {}): DsError {
  return dnsErrors.error('dns.bad_answer', `what ${server.shown} answered is of no use: ${why}`, {
    details: { server: server.shown, ...details },
  });
}

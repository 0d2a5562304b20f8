/** An accepted response as an entry, and an entry as a message again. */
import { DsError } from '../../../platform/errors.js';
import type { ExtendedError } from '../edns-options.js';
import { readUint16 } from '../wire/octets.js';
import { Flag, type Message, makeMessage, readMessage, writeMessage } from '../wire.js';
import type { AcceptedResponse } from './accept.js';
import type { CacheEntry, EntryKey } from './entry.js';
import { ednsWith } from './extended-error.js';
import type { LifetimeLimits } from './lifetime.js';

export interface Provenance {
  /** Who answered. */
  readonly upstream: string;
  /** What upstream said about its answer. */
  readonly extendedErrors: readonly ExtendedError[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Undefined: a TTL of 0, or no SOA, or more than a message holds; it must not be kept. */
export function makeEntry(
  { question, dnssecOk, checkingDisabled }: EntryKey,
  accepted: AcceptedResponse,
  { upstream, extendedErrors, now }: Provenance,
  { maxStale }: Pick<LifetimeLimits, 'maxStale'>,
): CacheEntry | undefined {
  if (accepted.ttl === 0) return undefined;
  const { kind, rcode, answers, authorities, additionals } = accepted;
  const edns = ednsWith(extendedErrors);
  const message = makeMessage({
    response: true,
    rcode,
    questions: [question],
    answers,
    authorities,
    additionals,
    ...(edns && { edns }),
  });
  const wire = writeMessage(message);
  // Upstream's may have had names compressed where ours must not.
  if ((readUint16(wire, 2) & Flag.TC) !== 0) return undefined;
  const expiresAt = now + accepted.ttl * 1000;
  return {
    question,
    dnssecOk,
    checkingDisabled,
    kind,
    response: wire,
    upstream,
    storedAt: now,
    expiresAt,
    staleUntil: expiresAt + maxStale * 1000,
  };
}

/** What was kept, with the TTLs that it had then; undefined when it cannot be read, as from a file that was tampered with. */
export function openEntry({ response }: CacheEntry): Message | undefined {
  try {
    return readMessage(response);
  } catch (error) {
    if (error instanceof DsError) return undefined;
    throw error;
  }
}

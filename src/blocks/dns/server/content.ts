/** What goes into a response, by where it comes from. */
import type { ExtendedError } from '../edns-options.js';
import { type Message, Rcode } from '../wire.js';
import type { LookupResult } from '../zone/lookup.js';
import { sectionsOf } from '../zone/sections.js';
import type { Source } from './counts.js';
import type { Resolution } from './forward/forwarder.js';
import type { ZoneUnavailable } from './unavailable.js';

/** A response before EDNS, and what goes into its extended errors. */
export interface TransferAnswer {
  readonly parts: Partial<Message>;
  readonly errors?: readonly ExtendedError[];
}

/** What goes into a response, before EDNS. */
export interface Content {
  readonly parts: Partial<Message>;
  readonly source: Source;
  readonly holdsMs: number;
  readonly errors: readonly ExtendedError[];
}

export function plain(parts: Partial<Message>): Content {
  return { parts, source: 'refused', holdsMs: 0, errors: [] };
}

/** What transfers have to say. */
export function whole({ parts, errors = [] }: TransferAnswer): Content {
  return { parts, source: (parts.rcode ?? Rcode.NOERROR) === Rcode.NOERROR ? 'zone' : 'refused', holdsMs: 0, errors };
}

export function unavailable({ why }: ZoneUnavailable): Content {
  return { parts: { rcode: Rcode.SERVFAIL }, source: 'zone', holdsMs: 0, errors: [why] };
}

export function refused(code: number, text: string): Content {
  return {
    parts: { rcode: Rcode.REFUSED },
    source: 'refused',
    holdsMs: Number.POSITIVE_INFINITY,
    errors: [{ code, text }],
  };
}

export function authoritative(found: LookupResult): Content {
  const { dynamic, steps } = found;
  return {
    parts: sectionsOf(found),
    source: 'zone',
    holdsMs: dynamic ? 0 : Number.POSITIVE_INFINITY,
    errors: dynamic ? steps.filter(({ kind }) => kind === 'selected').map(({ text }) => ({ code: 0, text })) : [],
  };
}

export function resolved(resolution: Resolution, now: number): Content {
  const { rcode, answers, authorities, additionals, source, extendedErrors, expiresAt } = resolution;
  return {
    parts: { rcode, answers, authorities, additionals },
    source: source === 'cache' ? 'cache' : 'forwarded',
    holdsMs: Math.max(0, expiresAt - now),
    errors: extendedErrors,
  };
}

/** The chain as far as it is served here, and its end from elsewhere. */
export function continued(own: Content, found: LookupResult, resolution: Resolution, now: number): Content {
  const rest = resolved(resolution, now);
  return {
    ...rest,
    errors: [...own.errors, ...rest.errors],
    parts: {
      rcode: resolution.rcode,
      authoritative: found.authoritative,
      answers: [...(own.parts.answers ?? []), ...resolution.answers],
      authorities: resolution.authorities,
      additionals: resolution.additionals,
    },
    // TTLs of the part that is served here would count down, too.
    holdsMs: 0,
  };
}

/**
 * One check of a zone that is followed (RFC 1034, section 4.3.5): the primaries are asked in turn for their SOA until one has
 * given what it should.
 *
 *     SOA ─ serial as here ───────────────────▶ current
 *         ─ later ─ IXFR ─ applied ───────────▶ incremental, whole
 *         │            └ refused, broken, does not fit ─ AXFR ─ applied ─▶ whole
 *         ─ earlier ──────────────────────────▶ a problem; the next primary
 *
 * A zone that has expired is taken with whatever serial there is, as a whole: that of a primary which was set up anew, too.
 */
import type { Clock, Random } from '../../../../platform/clock.js';
import { DsError } from '../../../../platform/errors.js';
import { badAnswer } from '../../client/attempt.js';
import { exchange } from '../../client/exchange.js';
import type { NameServer } from '../../client/server-address.js';
import { dnsErrors } from '../../errors.js';
import type { Name } from '../../name.js';
import { isLaterSerial } from '../../serial.js';
import { soaSerial } from '../../soa.js';
import type { ZoneStore } from '../../store/zone-store.js';
import { makeMessage, Rcode, RRClass, RRType, rcodeName } from '../../wire.js';
import { noPrimary } from './peers.js';
import { type Received, receiveZone } from './receive.js';

/** Milliseconds for one answer to the question for the SOA, and how often it is asked again. */
const SOA_TIMEOUT_MS = 3_000;
const SOA_RETRIES = 2;
/** Milliseconds between two messages of a transfer. */
const TRANSFER_IDLE_MS = 30_000;

export interface RefreshParts {
  readonly zones: ZoneStore;
  readonly clock: Clock;
  readonly random: Random;
}

export interface RefreshOptions {
  readonly primaries: readonly NameServer[];
  /** The zone here is no longer good. */
  readonly hasExpired: boolean;
  readonly signal: AbortSignal;
}

export type Refreshed = { readonly primary: NameServer } & (Received | { readonly form: 'current' });

/** Error: `dns.no_primary`, which says of each what was wrong; `dns.no_such_zone`; the signal's reason. */
export async function refreshZone(parts: RefreshParts, origin: Name, options: RefreshOptions): Promise<Refreshed> {
  const problems: unknown[] = [];
  for (const primary of options.primaries) {
    try {
      return { primary, ...(await refreshFrom(primary, parts, origin, options)) };
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof DsError && error.code === 'dns.no_such_zone') throw error;
      problems.push(error);
    }
  }
  throw noPrimary(origin, problems);
}

async function refreshFrom(
  primary: NameServer,
  parts: RefreshParts,
  origin: Name,
  options: RefreshOptions,
): Promise<Received | { readonly form: 'current' }> {
  const there = await askSerial(primary, parts, origin, options.signal);
  const here = parts.zones.get(origin)?.serial;
  if (here === undefined) {
    throw dnsErrors.error('dns.no_such_zone', `${origin} is no longer here`, { details: { zone: origin.toString() } });
  }
  if (there === here) return { form: 'current' };
  if (options.hasExpired) return transfer(primary, parts, origin, options, {});
  if (!isLaterSerial(there, here)) {
    throw badAnswer(primary, `its serial ${there} is before ${here}, which is here`, { serial: there });
  }
  try {
    return await transfer(primary, parts, origin, options, { have: here, after: here });
  } catch (error) {
    options.signal.throwIfAborted();
    if (!isWorthAll(error)) throw error;
    return transfer(primary, parts, origin, options, { after: here });
  }
}

/** Whether the whole zone may come where differences did not: not where nobody answers. */
function isWorthAll(error: unknown): boolean {
  return error instanceof DsError && error.code.startsWith('dns.') && error.code !== 'dns.timeout';
}

function transfer(
  primary: NameServer,
  { zones, clock, random }: RefreshParts,
  origin: Name,
  { signal }: RefreshOptions,
  serials: { readonly have?: number; readonly after?: number },
): Promise<Received> {
  return receiveZone(zones, origin, primary, {
    ...serials,
    import: { serial: 'keep' },
    transfer: { idleTimeoutMs: TRANSFER_IDLE_MS, clock, random, signal },
  });
}

/** What the server has. It has to be authoritative: one that forwards may answer from a cache. */
async function askSerial(
  server: NameServer,
  { clock, random }: Pick<RefreshParts, 'clock' | 'random'>,
  origin: Name,
  signal: AbortSignal,
): Promise<number> {
  const query = makeMessage({ questions: [{ name: origin, type: RRType.SOA, class: RRClass.IN }] });
  const { response } = await exchange(server, query, {
    timeoutMs: SOA_TIMEOUT_MS,
    retries: SOA_RETRIES,
    clock,
    random,
    signal,
  });
  if (response.rcode !== Rcode.NOERROR)
    throw badAnswer(server, `${rcodeName(response.rcode)} for the SOA of ${origin}`);
  if (!response.authoritative) throw badAnswer(server, `it is not authoritative for ${origin}`);
  const soa = response.answers.find(({ type, name }) => type === RRType.SOA && name.equals(origin));
  if (soa === undefined) throw badAnswer(server, `it has no SOA record for ${origin}`);
  return soaSerial(soa.rdata);
}

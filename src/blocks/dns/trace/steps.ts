/** What a trace is made of: its steps as they were taken, and where they led. */
import type { DsError } from '../../../platform/errors.js';
import type { Exchange } from '../client/exchange.js';
import type { Name } from '../name.js';
import type { Question, ResourceRecord } from '../record.js';
import type { Verdict } from './judge.js';
import type { NamedServer, Place } from './servers.js';

/** Why a zone's servers are asked. */
export type ZoneReason =
  /** It is the root, whose servers one has to know. */
  | 'hints'
  /** The step before has referred to it. */
  | 'referral'
  /** It is the nearest zone above the name that an earlier step has referred to. */
  | 'known';

interface Common {
  /** How deep in look-ups of servers' addresses: 0 for the name that was asked for. */
  readonly depth: number;
}

/** A name is asked for: the one that the trace is about, what it is an alias of, or a server whose address is missing. */
interface LookupStep extends Common {
  readonly kind: 'lookup';
  readonly question: Question;
  readonly why: 'asked' | 'alias' | 'address';
}

/** The servers of a zone are about to be asked. */
export interface ZoneStep extends Common {
  readonly kind: 'zone';
  readonly zone: Name;
  readonly why: ZoneReason;
  /** Number of the query that told of the zone; undefined for the hints. */
  readonly told: number | undefined;
  readonly servers: readonly NamedServer[];
}

export interface QueryStep extends Common {
  readonly kind: 'query';
  /** From 1. */
  readonly number: number;
  readonly question: Question;
  readonly zone: Name;
  readonly server: Name | undefined;
  readonly place: Place;
  readonly elapsedMs: number;
  readonly outcome: Answered | Unanswered;
}

export interface Answered {
  readonly kind: 'answered';
  readonly exchange: Exchange;
  /** Why the query was sent more than once: `truncated`, `without_edns` … */
  readonly again: readonly string[];
  readonly verdict: Verdict;
}

interface Unanswered {
  readonly kind: 'unanswered';
  readonly error: DsError;
}

/** A server that cannot be asked, and why. */
interface SkippedStep extends Common {
  readonly kind: 'skipped';
  readonly server: Name;
  readonly why: string;
}

export type TraceStep = LookupStep | ZoneStep | QueryStep | SkippedStep;

export type TraceEnd =
  | { readonly kind: 'answer'; readonly records: readonly ResourceRecord[]; readonly exchange: Exchange }
  | { readonly kind: 'nodata' | 'nxdomain'; readonly name: Name; readonly exchange: Exchange }
  /** No server of a zone answered, aliases lead in a circle, or it took too many queries. */
  | { readonly kind: 'failed'; readonly why: string };

export interface Trace {
  readonly question: Question;
  readonly steps: readonly TraceStep[];
  /** CNAME and DNAME records that lead from the name to the one that the end is about, in order. */
  readonly aliases: readonly ResourceRecord[];
  readonly end: TraceEnd;
  readonly queries: number;
  readonly elapsedMs: number;
}

/** Resolutions made of what is in the cache, of what has just come, and of failures. */
import { formatDuration } from '../../../../platform/units.js';
import type { Found } from '../../cache/answer-cache.js';
import type { EntryKey } from '../../cache/entry.js';
import { extendedErrorsOf } from '../../cache/extended-error.js';
import { aged, prefetchAfterMs, STALE_TTL, staleRecords } from '../../cache/lifetime.js';
import { openEntry } from '../../cache/make-entry.js';
import { type ExtendedError, ExtendedErrorCode } from '../../edns-options.js';
import type { Name } from '../../name.js';
import { Rcode } from '../../wire.js';
import type { Answered, Unanswered } from './asking.js';
import type { ForwardStep, ForwardStepKind, Resolution } from './resolution.js';

/** One instant on both clocks, milliseconds. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

/** Undefined when the entry cannot be read. */
export function fresh({ slot, byCut }: Found, { question }: EntryKey, now: Instant): Resolution | undefined {
  const message = openEntry(slot.entry);
  if (message === undefined) return undefined;
  const ageMs = now.monotonic - slot.storedAt;
  const ageSeconds = Math.floor(ageMs / 1000);
  const prefetchAfter = slot.refreshing ? undefined : prefetchAfterMs(slot.expiresAt - slot.storedAt);
  const isDue = prefetchAfter !== undefined && ageMs < prefetchAfter;
  const until = isDue ? slot.storedAt + prefetchAfter : slot.expiresAt;
  const { upstream } = slot.entry;
  const left = slot.expiresAt - now.monotonic;
  return {
    rcode: message.rcode,
    // What another question's aliases led to is none of this one's.
    answers: byCut ? [] : aged(message.answers, ageSeconds),
    authorities: aged(message.authorities, ageSeconds),
    additionals: byCut ? [] : aged(message.additionals, ageSeconds),
    ageSeconds,
    stale: false,
    source: 'cache',
    upstream,
    extendedErrors: extendedErrorsOf(message),
    expiresAt: now.wall + (until - now.monotonic),
    get why() {
      const age = `${sayAge(ageMs)}, for another ${formatDuration(Math.ceil(left / 1000) * 1000)}`;
      return byCut
        ? [step('nxdomain-cut', question.name, () => `${upstream} denied a name at or above it ${age} (RFC 8020)`)]
        : [step('cached', question.name, () => `in the cache: ${upstream} answered ${age}`)];
    },
  };
}

/** `why`: what upstream did instead of answering. */
export function stale({ slot }: Found, { question }: EntryKey, now: Instant, why: string): Resolution | undefined {
  const message = openEntry(slot.entry);
  if (message === undefined) return undefined;
  const ageMs = now.monotonic - slot.storedAt;
  const expired = sayAge(now.monotonic - slot.expiresAt);
  const code =
    slot.entry.kind === 'nxdomain' ? ExtendedErrorCode.STALE_NXDOMAIN_ANSWER : ExtendedErrorCode.STALE_ANSWER;
  return {
    rcode: message.rcode,
    answers: staleRecords(message.answers, STALE_TTL),
    authorities: staleRecords(message.authorities, STALE_TTL),
    additionals: [],
    ageSeconds: Math.floor(ageMs / 1000),
    stale: true,
    source: 'cache',
    upstream: slot.entry.upstream,
    extendedErrors: [{ code, text: `expired ${expired}: ${why}` }],
    expiresAt: now.wall,
    get why() {
      return [
        step('stale', question.name, () => `an answer that expired ${expired} is given, since ${why} (RFC 8767)`),
      ];
    },
  };
}

/** What has just come. `until`: when it was kept, how long it may be given again, monotonic. */
export function answered(
  answer: Answered,
  { question }: EntryKey,
  now: Instant,
  until: number | undefined,
): Resolution {
  const { accepted, extendedErrors, upstream, elapsedMs, before } = answer;
  const { rcode, answers, authorities, additionals } = accepted;
  return {
    rcode,
    answers,
    authorities,
    additionals,
    ageSeconds: 0,
    stale: false,
    source: 'upstream',
    upstream,
    extendedErrors,
    expiresAt: now.wall + (until === undefined ? 0 : until - now.monotonic),
    get why() {
      const asked = () => `${upstream} answered in ${elapsedMs.toFixed(1)} ms`;
      return [...before.map((text) => step('failed', question.name, () => text)), step('asked', question.name, asked)];
    },
  };
}

export function failed({ question }: EntryKey, { before, extendedErrors }: Unanswered, now: Instant): Resolution {
  return servfail(extendedErrors, 'upstream', now.wall, () =>
    before.map((text) => step('failed', question.name, () => text)),
  );
}

/** RFC 9520: the failure is remembered; nobody is asked before `until`, monotonic. */
export function failedBefore(
  { question }: EntryKey,
  extendedErrors: readonly ExtendedError[],
  now: Instant,
  until: number,
): Resolution {
  const left = until - now.monotonic;
  const again = `nobody is asked again for ${formatDuration(Math.ceil(left))}`;
  const own = { code: ExtendedErrorCode.CACHED_ERROR, text: again };
  return servfail([...extendedErrors, own], 'cache', now.wall + left, () => [
    step('cached-failure', question.name, () => `all upstreams failed just now; ${again} (RFC 9520)`),
  ]);
}

export function overloaded({ question }: EntryKey, now: Instant): Resolution {
  const text = 'too many questions are being asked';
  return servfail([{ code: ExtendedErrorCode.OTHER, text }], 'cache', now.wall, () => [
    step('refused', question.name, () => text),
  ]);
}

function servfail(
  extendedErrors: readonly ExtendedError[],
  source: Resolution['source'],
  expiresAt: number,
  why: () => readonly ForwardStep[],
): Resolution {
  return {
    rcode: Rcode.SERVFAIL,
    answers: [],
    authorities: [],
    additionals: [],
    ageSeconds: 0,
    stale: false,
    source,
    extendedErrors,
    expiresAt,
    get why() {
      return why();
    },
  };
}

function step(kind: ForwardStepKind, name: Name, say: () => string): ForwardStep {
  return {
    kind,
    name,
    get text() {
      return say();
    },
  };
}

function sayAge(ms: number): string {
  return ms < 1000 ? 'just now' : `${formatDuration(Math.floor(ms / 1000) * 1000)} ago`;
}

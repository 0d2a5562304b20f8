/**
 * Reports as JSON: they are read by people with redis-cli, too. JSON escapes the lone surrogates that stand for broken
 * bytes of a key, so that the text is UTF-8 whatever the key is. A time that is never is left out.
 */
import type { Reply } from '../../../platform/protocol/resp/reply.js';
import { readText, unexpected, type WireReply } from '../../../platform/protocol/resp-client/values.js';
import { defineLimit, readAlgorithm } from '../limit.js';
import type { BlockedKey, Decision, KeyReport, Micros, RecordedDecision } from '../limiter.js';

export interface Inspection {
  readonly reports: readonly KeyReport[];
  readonly blockedUntilUs: Micros | undefined;
}

export const encodeReports = (reports: readonly KeyReport[]): Reply => JSON.stringify(reports.map(reportObject));

export const encodeInspection = ({ reports, blockedUntilUs }: Inspection): Reply =>
  JSON.stringify({ reports: reports.map(reportObject), blocked_until_us: blockedUntilUs });

export const encodeBlocked = (keys: readonly BlockedKey[]): Reply =>
  JSON.stringify(keys.map(({ key, untilUs }) => ({ key, until_us: untilUs })));

function reportObject({ scope, key, limit, decision, ...report }: KeyReport) {
  return {
    scope,
    key,
    limit: { algorithm: limit.algorithm, count: limit.count, period_us: limit.periodUs, burst: limit.burst },
    decision: {
      allowed: decision.allowed,
      limit: decision.limit,
      remaining: decision.remaining,
      retry_after_us: Number.isFinite(decision.retryAfterUs) ? decision.retryAfterUs : undefined,
      reset_after_us: decision.resetAfterUs,
      delay_us: decision.delayUs,
    },
    allowed_total: report.allowedTotal,
    limited_total: report.limitedTotal,
    last_at_us: report.lastAt,
    recent: report.recent.map(({ at, allowed, cost, remaining }) => ({ at_us: at, allowed, cost, remaining })),
  };
}

export function decodeReports(reply: WireReply): KeyReport[] {
  return list(parse(reply)).map(readReport);
}

export function decodeInspection(reply: WireReply): Inspection {
  const fields = parse(reply);
  const { reports, blocked_until_us: until } = object(fields);
  return { reports: list(reports).map(readReport), blockedUntilUs: until === undefined ? undefined : number(until) };
}

export function decodeBlocked(reply: WireReply): BlockedKey[] {
  return list(parse(reply)).map((item) => {
    const { key, until_us: until } = object(item);
    return { key: text(key), untilUs: number(until) };
  });
}

function readReport(value: unknown): KeyReport {
  const fields = object(value);
  const { algorithm, count, period_us: period, burst } = object(fields['limit']);
  return {
    scope: text(fields['scope']),
    key: text(fields['key']),
    limit: defineLimit({
      algorithm: readAlgorithm(text(algorithm)),
      count: number(count),
      periodUs: number(period),
      burst: number(burst),
    }),
    decision: readDecision(object(fields['decision'])),
    allowedTotal: number(fields['allowed_total']),
    limitedTotal: number(fields['limited_total']),
    lastAt: number(fields['last_at_us']),
    recent: list(fields['recent']).map(readRecorded),
  };
}

function readDecision(fields: Readonly<Record<string, unknown>>): Decision {
  const retry = fields['retry_after_us'];
  return {
    allowed: fields['allowed'] === true,
    limit: number(fields['limit']),
    remaining: number(fields['remaining']),
    retryAfterUs: retry === undefined ? Number.POSITIVE_INFINITY : number(retry),
    resetAfterUs: number(fields['reset_after_us']),
    delayUs: number(fields['delay_us']),
  };
}

function readRecorded(value: unknown): RecordedDecision {
  const { at_us: at, allowed, cost, remaining } = object(value);
  return { at: number(at), allowed: allowed === true, cost: number(cost), remaining: number(remaining) };
}

/** The text came as one character a byte. */
function parse(reply: WireReply): unknown {
  const json = Buffer.from(readText(reply, 'report'), 'latin1').toString();
  try {
    return JSON.parse(json);
  } catch {
    throw unexpected('report', reply);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw unexpected('report', 'no object');
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpected('report', 'no list');
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw unexpected('report', 'no text');
}

function number(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw unexpected('report', 'no number');
}

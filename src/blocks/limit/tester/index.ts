/** `ds limit test`: finds out what limit an endpoint really enforces. */
import type { Clock } from '../../../platform/clock.js';
import { limitErrors } from '../errors.js';
import { agrees, declaredBy, tightest } from './declared.js';
import { discover } from './discover.js';
import { limitOf, policyOf } from './emit.js';
import type { Discovery } from './finding.js';
import { NOTABLE_MS } from './jitter.js';
import { Prober } from './prober.js';
import type { Expected, Tell } from './rate.js';
import { readRefusalRule } from './refusal.js';
import type { TestReport } from './report.js';
import { findScope, type ScopeFinding, variantsOf } from './scope.js';
import { type Budgets, isCutShort, Session } from './session.js';
import { sayMs } from './words.js';

export { factsOf, toRecord } from './record.js';
export { policyOf };

export interface TestOptions extends Budgets {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** See {@link readRefusalRule}. */
  readonly refusedWhen: readonly string[];
  /** Milliseconds for one answer. */
  readonly timeoutMs: number;
  /** Nothing that the server says of its limit is believed, or used. */
  readonly ignoreDeclared: boolean;
  /** Whether to find out what is counted apart. */
  readonly scope: boolean;
  readonly otherPath?: string;
  readonly otherHeaders: Readonly<Record<string, string>>;
  readonly version: string;
  readonly clock: Clock;
  readonly tell: Tell;
  readonly signal?: AbortSignal;
}

/** Whether nobody else can be disturbed: 127.0.0.0/8, ::1, localhost. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Error: `limit.bad_test_url`. */
export function readTestUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw limitErrors.error('limit.bad_test_url', `${JSON.stringify(text.slice(0, 200))} is no HTTP URL`, {
      hint: 'ds limit test http://127.0.0.1:8080/',
    });
  }
  return url;
}

/**
 * Errors: `limit.test_unreachable`, `limit.test_failed`, `limit.bad_refusal_rule`. What is met on the way (a spent budget, no
 * limit) is in the report.
 */
export async function testEndpoint(options: TestOptions): Promise<TestReport> {
  const { url, clock, tell, signal } = options;
  const prober = new Prober(url, {
    clock,
    version: options.version,
    method: options.method,
    headers: options.headers,
    refusedWhen: options.refusedWhen.map(readRefusalRule),
    timeoutMs: options.timeoutMs,
    ...(options.body === undefined ? {} : { body: options.body }),
    ...(signal === undefined ? {} : { signal }),
  });
  const session = new Session(prober, {
    maxRequests: options.maxRequests,
    maxBytes: options.maxBytes,
    maxTimeMs: options.maxTimeMs,
    // On this machine nobody is disturbed, and whether the pause that is asked for is the true one is the question.
    obeysRetryAfter: !isLoopback(url),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const expected = () => (options.ignoreDeclared ? undefined : expectedFrom(prober));
    const discovery = await discover(session, tell, expected);
    const scope = options.scope && isRate(discovery) ? await scopeOf(session, options) : [];
    return report(options, session, prober, discovery, scope);
  } finally {
    prober.close();
  }
}

const isRate = ({ finding }: Discovery) =>
  finding !== undefined && finding.family !== 'queue' && finding.family !== 'concurrency';

function expectedFrom({ firstAnswer, lastRefusal }: Prober): Expected | undefined {
  const declared = tightest(declaredBy(firstAnswer));
  if (declared === undefined) return undefined;
  const resetMs =
    lastRefusal === undefined
      ? undefined
      : declaredBy(lastRefusal).limits.find((one) => one.resetMs !== undefined)?.resetMs;
  const { limit, windowMs } = declared;
  return { limit, ...(windowMs === undefined ? {} : { windowMs }), ...(resetMs === undefined ? {} : { resetMs }) };
}

async function scopeOf(session: Session, options: TestOptions): Promise<ScopeFinding[]> {
  options.tell('what is counted apart');
  try {
    return await findScope(session, variantsOf(options.url, options.method, options.otherPath, options.otherHeaders));
  } catch (error) {
    if (!isCutShort(error)) throw error;
    return [];
  }
}

function report(
  { url }: TestOptions,
  session: Session,
  prober: Prober,
  discovery: Discovery,
  scope: readonly ScopeFinding[],
): TestReport {
  const { observations } = session;
  const declarations = declaredBy(prober.firstAnswer);
  const declared = tightest(declarations);
  const { finding } = discovery;
  const agreed = declared === undefined || finding === undefined ? undefined : agrees(declared, finding);
  const refusals: Record<string, number> = {};
  for (const { refusal } of observations) if (refusal !== undefined) refusals[refusal] = (refusals[refusal] ?? 0) + 1;
  return {
    ...discovery,
    url: url.href,
    ...(finding === undefined ? {} : { limitOfOurs: limitOf(finding) }),
    ...(declared === undefined ? {} : { declared }),
    ...(agreed === undefined ? {} : { agrees: agreed }),
    refusals,
    scope,
    requests: session.requests,
    bytes: session.bytes,
    durationMs: session.nowMs,
    jitterMs: session.jitterMs,
    notes: [
      ...(prober.redirectsTo === undefined ? [] : [`it redirects to ${prober.redirectsTo}: not followed`]),
      ...(session.jitterMs < NOTABLE_MS
        ? []
        : [`this machine is busy: one timer in ten was late by ${sayMs(session.jitterMs)} or more`]),
      ...declarations.notes,
    ],
    run: observations.map(({ sentMs, receivedMs, accepted }) => {
      return { atS: (sentMs - session.originMs) / 1000, latencyMs: receivedMs - sentMs, accepted };
    }),
  };
}

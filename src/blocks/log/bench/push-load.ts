/** Load on a port that speaks Loki's push API: requests that differ in times and in a number of each line, so that no two lines are alike. */
import type { Clock } from '../../../platform/clock.js';
import { type HttpRequests, httpRequestsDriver } from '../../../platform/load/http/driver.js';
import { parseHttpTarget, requestBytes } from '../../../platform/load/http/request.js';

const PUSH_PATH = '/loki/api/v1/push';

export interface PushPlan {
  /** Of the server: `http://127.0.0.1:3100`. */
  readonly url: string;
  /** Entries of a request. */
  readonly entries: number;
  /** Bytes of a line, at least; short ones are as long as what tells them apart. */
  readonly size: number;
  readonly streams: number;
  readonly timeoutMs: number;
  readonly token: string | undefined;
  readonly userAgent: string;
}

/** Errors: `load.bad_url`. */
export function pushDriver(plan: PushPlan, clock: Clock) {
  const target = parseHttpTarget(new URL(PUSH_PATH, plan.url).href);
  const headers = ['Content-Type: application/json'];
  if (plan.token !== undefined) headers.push(`Authorization: Bearer ${plan.token}`);
  let sent = 0;
  const requests: HttpRequests = {
    clock,
    timeoutMs: plan.timeoutMs,
    verify: true,
    isHead: false,
    next() {
      const body = pushBody(plan, sent, clock.now());
      sent += plan.entries;
      return requestBytes(target, { method: 'POST', headers, body, userAgent: plan.userAgent });
    },
  };
  return httpRequestsDriver(target, requests);
}

/** The JSON of entries `from` to `from + plan.entries`, all of the stream whose turn it is. */
export function pushBody({ entries, size, streams }: PushPlan, from: number, now: number): Buffer {
  const stream = Math.floor(from / entries) % streams;
  let values = '';
  for (let i = 0; i < entries; i++) {
    const line = lineOf(from + i, size);
    values += `${i === 0 ? '' : ','}["${now}${String(i % 1_000_000).padStart(6, '0')}",${JSON.stringify(line)}]`;
  }
  return Buffer.from(`{"streams":[{"stream":{"job":"bench","instance":"${stream}"},"values":[${values}]}]}`);
}

const WORDS = ['accepted', 'queued', 'delivered', 'expired', 'refused', 'retried', 'dropped', 'merged'];

/** A line as programs write them: words that repeat, numbers that do not. */
function lineOf(number: number, size: number): string {
  const word = WORDS[number % WORDS.length] ?? '';
  const head = `level=info msg="message ${word}" id=${((number * 2654435761) % 4294967296).toString(16)} took=${number % 997}ms seq=${number} `;
  return head.length >= size
    ? head.trimEnd()
    : `${head}path="/api/v1/${word}/${'items/'.repeat(Math.ceil(size / 6))}`.slice(0, size - 1).concat('"');
}

/**
 * One question to the upstreams, until one of them has an answer of use or patience is over:
 *
 *     0 ms    fastest ─────────────────────────── silent ──────┐ abandoned, and put aside: it was silent too long
 *     lead         next ── SERVFAIL                            │
 *                       next ─────────── answer ───────────────┴─▶ done
 *
 * An upstream that is silent longer than it usually takes is not waited for: the next one is asked beside it, and whoever
 * answers first wins. With one upstream over UDP it is asked itself again, from another port, at most three times in all
 * (RFC 9520, section 3.1); over a connection nothing gets lost on the way, so once is enough.
 */
import type { Clock, Random } from '../../../../platform/clock.js';
import { DsError, messageOf } from '../../../../platform/errors.js';
import { formatDuration } from '../../../../platform/units.js';
import { type AcceptedResponse, acceptResponse } from '../../cache/accept.js';
import type { EntryKey } from '../../cache/entry.js';
import { extendedErrorsOf } from '../../cache/extended-error.js';
import type { LifetimeLimits } from '../../cache/lifetime.js';
import type { Connections } from '../../client/connections.js';
import type { exchange } from '../../client/exchange.js';
import { type ExtendedError, ExtendedErrorCode, paddingOption } from '../../edns-options.js';
import { type Message, makeMessage, Rcode, SAFE_UDP_SIZE, writeMessage } from '../../wire.js';
import type { Upstream, Upstreams } from './upstreams.js';

export type ExchangeFunction = typeof exchange;

export interface AskingParts {
  readonly upstreams: Upstreams;
  readonly exchange: ExchangeFunction;
  readonly connections?: Connections;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: LifetimeLimits;
  /** Milliseconds until the question has failed. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /** Told of errors that are no upstream's fault. */
  readonly onProblem: (error: unknown) => void;
}

export interface Answered {
  readonly kind: 'answered';
  readonly accepted: AcceptedResponse;
  readonly extendedErrors: readonly ExtendedError[];
  readonly upstream: string;
  readonly elapsedMs: number;
  /** What those did that were asked before: `udp://192.0.2.1:53 was silent`. */
  readonly before: readonly string[];
}

export interface Unanswered {
  readonly kind: 'unanswered';
  /** What each that was asked did. */
  readonly before: readonly string[];
  readonly extendedErrors: readonly ExtendedError[];
}

/** RFC 9520, section 3.1: not more than two retries to one server. */
const MOST_ATTEMPTS_EACH = 3;

/** RFC 8467, section 4.1: queries are padded to a multiple of this where nobody can look into them. */
const PADDING_BLOCK = 128;

/** Rejects with the reason of the signal only. */
export function askUpstreams(key: EntryKey, parts: AskingParts): Promise<Answered | Unanswered> {
  return new Asking(key, parts).run();
}

interface Attempt {
  readonly upstream: Upstream;
  readonly startedAt: number;
  readonly leadMs: number;
}

interface Outcome {
  readonly attempt: Attempt;
  readonly answered?: Answered;
}

class Asking {
  readonly #key: EntryKey;
  readonly #parts: AskingParts;
  readonly #query: Message;
  readonly #order: readonly Upstream[];
  readonly #deadline: number;
  readonly #abort = new AbortController();
  readonly #pending = new Map<Attempt, Promise<Outcome>>();
  readonly #attempts = new Map<Upstream, number>();
  /** They have answered, if with nothing of use, or cannot be reached: not to be asked again. */
  readonly #done = new Set<Upstream>();
  readonly #before: string[] = [];
  #told: readonly ExtendedError[] = [];
  #responded = false;

  constructor(key: EntryKey, parts: AskingParts) {
    const { question, dnssecOk, checkingDisabled } = key;
    const now = parts.clock.monotonic();
    this.#key = key;
    this.#parts = parts;
    this.#order = parts.upstreams.inOrder(now);
    this.#deadline = now + parts.patienceMs;
    this.#query = makeMessage({
      recursionDesired: true,
      checkingDisabled,
      questions: [question],
      edns: { udpSize: SAFE_UDP_SIZE, version: 0, dnssecOk, options: [] },
    });
  }

  async run(): Promise<Answered | Unanswered> {
    const { signal } = this.#parts;
    const stop = () => this.#abort.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return (await this.#ask()) ?? this.#unanswered();
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  async #ask(): Promise<Answered | undefined> {
    const { clock, signal } = this.#parts;
    for (;;) {
      signal.throwIfAborted();
      const left = this.#deadline - clock.monotonic();
      if (left <= 0) return undefined;
      const upstream = this.#next();
      if (upstream === undefined && this.#pending.size === 0) return undefined;
      const leadMs = upstream === undefined ? left : this.#start(upstream, left).leadMs;
      const outcome = await this.#settledWithin(Math.min(left, leadMs));
      if (outcome?.answered !== undefined) {
        this.#blameSilent(outcome.attempt.upstream);
        return outcome.answered;
      }
    }
  }

  /** The one that was asked least, in order of preference. */
  #next(): Upstream | undefined {
    const asked = (upstream: Upstream) => this.#attempts.get(upstream) ?? 0;
    const most = (upstream: Upstream) => (upstream.isStream ? 1 : MOST_ATTEMPTS_EACH);
    return this.#order
      .filter((upstream) => !this.#done.has(upstream) && asked(upstream) < most(upstream))
      .sort((a, b) => asked(a) - asked(b))[0];
  }

  #start(upstream: Upstream, timeoutMs: number): Attempt {
    const number = (this.#attempts.get(upstream) ?? 0) + 1;
    this.#attempts.set(upstream, number);
    upstream.queries++;
    const startedAt = this.#parts.clock.monotonic();
    const attempt = { upstream, startedAt, leadMs: upstream.leadMs * 2 ** (number - 1) };
    const outcome = this.#attempt(attempt, timeoutMs).finally(() => this.#pending.delete(attempt));
    this.#pending.set(attempt, outcome);
    return attempt;
  }

  async #attempt(attempt: Attempt, timeoutMs: number): Promise<Outcome> {
    const { exchange: ask, clock, random, connections } = this.#parts;
    const { upstream } = attempt;
    try {
      const { response, elapsedMs } = await ask(upstream.server, upstream.hides ? padded(this.#query) : this.#query, {
        timeoutMs,
        retries: 0,
        clock,
        random,
        signal: this.#abort.signal,
        ...(connections && { connections }),
      });
      if (this.#abort.signal.aborted) return { attempt };
      return { attempt, ...this.#judge(upstream, response, elapsedMs) };
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failed(upstream, error);
      return { attempt };
    }
  }

  #judge(upstream: Upstream, response: Message, elapsedMs: number): { answered?: Answered } {
    const { upstreams, limits, clock } = this.#parts;
    const { question, dnssecOk } = this.#key;
    const accepted = acceptResponse(question, response, dnssecOk, limits);
    const extendedErrors = extendedErrorsOf(response);
    const { shown } = upstream.server;
    if (typeof accepted !== 'string') {
      upstreams.answered(upstream, elapsedMs);
      return {
        answered: { kind: 'answered', accepted, extendedErrors, upstream: shown, elapsedMs, before: this.#before },
      };
    }
    this.#done.add(upstream);
    this.#responded = true;
    this.#told = extendedErrors.length > 0 ? extendedErrors : this.#told;
    this.#before.push(`${shown}: ${accepted}`);
    // SERVFAIL is about the name, not the server. REFUSED is about us.
    if (response.rcode === Rcode.REFUSED) upstreams.failed(upstream, accepted, clock.monotonic());
    else {
      upstreams.answered(upstream, elapsedMs);
      upstream.failedQueries++;
    }
    return {};
  }

  #failed(upstream: Upstream, error: unknown): void {
    const { upstreams, clock, onProblem } = this.#parts;
    // Of several attempts that end together the first says it all.
    if (this.#done.has(upstream)) return;
    this.#done.add(upstream);
    this.#before.push(messageOf(error));
    if (error instanceof DsError && error.kind === 'peer') upstreams.failed(upstream, error.message, clock.monotonic());
    else onProblem(error);
  }

  /** Undefined when nobody has answered within that time. */
  async #settledWithin(ms: number): Promise<Outcome | undefined> {
    const settled = new AbortController();
    const over = this.#parts.clock.sleep(ms, settled.signal).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([...this.#pending.values(), over]);
    } finally {
      settled.abort();
    }
  }

  /** Those that were silent longer than they may be; the one that has answered another attempt is none of them. */
  #blameSilent(winner: Upstream | undefined): void {
    const now = this.#parts.clock.monotonic();
    const silent = new Map<Upstream, number>();
    for (const { upstream, startedAt, leadMs } of this.#pending.keys()) {
      const ms = now - startedAt;
      const isKnown = upstream === winner || this.#done.has(upstream) || silent.has(upstream);
      if (!isKnown && ms >= leadMs) silent.set(upstream, ms);
    }
    for (const [upstream, ms] of silent) {
      const why = `no reply within ${formatDuration(ms)}`;
      this.#parts.upstreams.failed(upstream, why, now);
      this.#before.push(`${upstream.server.shown}: ${why}`);
    }
  }

  #unanswered(): Unanswered {
    this.#blameSilent(undefined);
    const { OTHER, NETWORK_ERROR, NO_REACHABLE_AUTHORITY } = ExtendedErrorCode;
    const text = this.#before.join('; ');
    const own = { code: this.#responded ? NETWORK_ERROR : NO_REACHABLE_AUTHORITY, text };
    const extendedErrors = this.#before.length === 0 ? [{ code: OTHER, text: 'there is no upstream' }] : [own];
    return { kind: 'unanswered', before: this.#before, extendedErrors: [...this.#told, ...extendedErrors] };
  }
}

/** So that who sees how long it is does not know how long the name is. */
function padded(query: Message): Message {
  const { edns } = query;
  if (edns === undefined) return query;
  return { ...query, edns: { ...edns, options: [paddingOption(writeMessage(query).length, PADDING_BLOCK)] } };
}

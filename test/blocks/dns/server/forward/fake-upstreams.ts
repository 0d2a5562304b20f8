/** Upstreams without a network, and a forwarder before them whose clock a test moves. */
import { onTestFinished } from 'vitest';
import type { CacheStore } from '../../../../../src/blocks/dns/cache/entry.js';
import type { Exchange } from '../../../../../src/blocks/dns/client/exchange.js';
import { parseServer } from '../../../../../src/blocks/dns/client/server-address.js';
import { dnsErrors } from '../../../../../src/blocks/dns/errors.js';
import type { Question } from '../../../../../src/blocks/dns/record.js';
import type { ExchangeFunction } from '../../../../../src/blocks/dns/server/forward/asking.js';
import { Forwarder, type ForwarderOptions } from '../../../../../src/blocks/dns/server/forward/forwarder.js';
import { type Message, Rcode, writeMessage } from '../../../../../src/blocks/dns/wire.js';
import { systemRandom } from '../../../../../src/platform/clock.js';
import { ManualClock } from '../../../../helpers/manual-clock.js';
import { respond } from '../../cache/messages.js';

/** What a server does with a question: a response, after some milliseconds or at once; or nothing; or it cannot be reached. */
export type Behaviour = (
  question: Question,
  query: Message,
) => Message | { response: Message; afterMs: number } | 'silent' | 'unreachable';

interface Asked {
  readonly server: string;
  readonly question: string;
  readonly query: Message;
  readonly at: number;
}

export const plain = { checkingDisabled: false, dnssecOk: false } as const;

export function answersWith(...answers: string[]): Behaviour {
  return (question) => respond(question, { answers });
}

export const servfail: Behaviour = (question) => respond(question, {}, { rcode: Rcode.SERVFAIL });
export const silent: Behaviour = () => 'silent';

interface MakeOptions extends Partial<Omit<ForwarderOptions, 'upstreams' | 'exchange' | 'clock'>> {
  readonly clock?: ManualClock;
  readonly store?: CacheStore;
}

/** `upstreams` by address or URL; what they do may be changed at any time. */
export function makeForwarder(upstreams: Record<string, Behaviour>, options: MakeOptions = {}) {
  const clock = options.clock ?? new ManualClock();
  const asked: Asked[] = [];
  const names = new Map(Object.keys(upstreams).map((text) => [parseServer(text).shown, text]));
  const problems: unknown[] = [];
  const exchange: ExchangeFunction = async (server, query, { timeoutMs, signal }): Promise<Exchange> => {
    const [question] = query.questions;
    if (question === undefined) throw new Error('no question');
    const begun = clock.monotonic();
    asked.push({ server: server.host, question: String(question.name), query, at: begun });
    const done = upstreams[names.get(server.shown) ?? '']?.(question, query) ?? 'unreachable';
    if (done === 'unreachable')
      throw dnsErrors.error('dns.unreachable', `${server.shown} cannot be reached: nothing listens there`);
    if (done === 'silent') {
      await clock.sleep(timeoutMs, signal);
      throw dnsErrors.error('dns.timeout', `no reply from ${server.shown}`);
    }
    const { response, afterMs } =
      'response' in done && typeof done.response === 'object' ? done : { response: done as Message, afterMs: 0 };
    if (afterMs > 0) await clock.sleep(afterMs, signal);
    const bytes = writeMessage(response);
    return {
      response,
      bytes,
      octets: bytes.length,
      query,
      server,
      address: server.host,
      transport: server.transport,
      elapsedMs: clock.monotonic() - begun,
      truncatedUdp: false,
      attempts: 1,
    };
  };
  const forwarder = new Forwarder({
    ...options,
    upstreams: Object.keys(upstreams).map((text) => parseServer(text)),
    exchange,
    clock,
    random: systemRandom,
    onProblem: (error) => problems.push(error),
  });
  onTestFinished(() => forwarder.close());
  return { forwarder, clock, asked, problems };
}

/** Lets everything happen that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Time passes in small steps, so that what wakes in between can sleep anew. */
export async function pass(clock: ManualClock, ms: number, stepMs = 50): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    clock.advance(Math.min(left, stepMs));
    await settle();
  }
}

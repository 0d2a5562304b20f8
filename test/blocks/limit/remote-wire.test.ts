import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyFromBytes } from '../../../src/blocks/limit/key.js';
import { algorithmNames, defineLimit, hasBurst, MOST_COST } from '../../../src/blocks/limit/limit.js';
import { MOST_DEMANDS } from '../../../src/blocks/limit/limiter.js';
import { limitWire, MOST_TOP } from '../../../src/blocks/limit/wire.js';
import type { Reply } from '../../../src/platform/protocol/resp/reply.js';
import type { WireCommand } from '../../../src/platform/protocol/resp/wire-command.js';
import type { WireReply } from '../../../src/platform/protocol/resp-client/values.js';

/** A reply as a RESP2 client decodes it that has integers as strings and bulk strings as one character a byte. */
function asReceived(reply: Reply): WireReply {
  if (reply === null) return reply;
  if (typeof reply === 'string') return Buffer.from(reply).toString('latin1');
  if (typeof reply === 'number' || typeof reply === 'bigint') return String(reply);
  if (Array.isArray(reply)) return reply.map(asReceived);
  if (typeof reply === 'object' && 'type' in reply) {
    if (reply.type === 'map') return reply.entries.flat().map(asReceived);
    if (reply.type === 'simple') return reply.text;
  }
  throw new Error('not used by the LIMIT commands');
}

const bytesOf = (args: readonly (string | Buffer)[]) => args.map((arg) => Buffer.from(arg));

function checkRequest<Request, Result>(command: WireCommand<Request, Result>, request: Request): void {
  const args = bytesOf(command.encodeRequest(request));
  const count = args.length + 1;
  expect(command.arity < 0 ? count >= -command.arity : count === command.arity).toBe(true);
  expect(command.decodeRequest(args)).toEqual(request);
}

function checkResult<Request, Result>(command: WireCommand<Request, Result>, result: Result): void {
  expect(command.decodeResult(asReceived(command.encodeResult(result)))).toEqual(result);
}

/** Any bytes: text, NUL, broken UTF-8. */
const key = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(keyFromBytes);
const scope = fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 20 }), key);
const whole = fc.maxSafeInteger().map(Math.abs);
const small = fc.integer({ min: 1, max: 5000 });
const limit = fc
  .record({
    algorithm: fc.constantFrom(...algorithmNames),
    count: small,
    periodUs: fc.integer({ min: 1, max: 1e12 }),
    // At the slowest rate this comes back within a hundred years, as a burst must.
    burst: fc.integer({ min: 1, max: 3000 }),
  })
  .map(({ burst, ...request }) => defineLimit({ ...request, ...(hasBurst[request.algorithm] ? { burst } : {}) }));
const cost = fc.integer({ min: 0, max: MOST_COST });
const plainDemand = fc.record({ scope, key, limit, cost });
const demand = fc.tuple(plainDemand, fc.boolean()).map(([plain, shadow]) => (shadow ? { ...plain, shadow } : plain));
const retryAfterUs = fc.oneof(whole, fc.constant(Number.POSITIVE_INFINITY));
const lookedAt = {
  allowed: fc.boolean(),
  limit: cost,
  remaining: cost,
  retryAfterUs,
  resetAfterUs: whole,
  delayUs: whole,
};
const decision = fc.record(
  { ...lookedAt, lease: whole },
  { requiredKeys: ['allowed', 'limit', 'remaining', 'retryAfterUs', 'resetAfterUs', 'delayUs'] },
);
const recorded = fc.record({ at: whole, allowed: fc.boolean(), cost, remaining: cost });
const report = fc.record({
  scope,
  key,
  limit,
  decision: fc.record(lookedAt),
  allowedTotal: whole,
  limitedTotal: whole,
  lastAt: whole,
  recent: fc.array(recorded, { maxLength: 16 }),
});

describe('every LIMIT command is read as it was written', () => {
  test('check and peek', () => {
    const request = fc.record({ demands: fc.array(demand, { minLength: 1, maxLength: MOST_DEMANDS }) });
    const outcome = fc.record({ allowed: fc.boolean(), blockedForUs: whole, decisions: fc.array(decision) });
    for (const command of [limitWire.check, limitWire.peek]) {
      fc.assert(fc.property(request, (value) => checkRequest(command, value)));
      fc.assert(fc.property(outcome, (value) => checkResult(command, value)));
    }
  });
  test('refund', () => {
    const request = fc
      .tuple(plainDemand, fc.option(whole))
      .map(([plain, lease]) => (lease === null ? plain : { ...plain, lease }));
    fc.assert(fc.property(request, (value) => checkRequest(limitWire.refund, value)));
    fc.assert(fc.property(decision, (value) => checkResult(limitWire.refund, value)));
  });
  test('reset and block', () => {
    fc.assert(
      fc.property(fc.record({ key, scope }, { requiredKeys: ['key'] }), (v) => checkRequest(limitWire.reset, v)),
    );
    for (const found of [true, false]) checkResult(limitWire.reset, found);
    fc.assert(fc.property(fc.record({ key, forUs: whole }), (value) => checkRequest(limitWire.block, value)));
    checkResult(limitWire.block, undefined);
  });
  test('inspect and top', () => {
    fc.assert(fc.property(fc.record({ key }), (value) => checkRequest(limitWire.inspect, value)));
    const inspection = fc.record({ reports: fc.array(report), blockedUntilUs: fc.option(whole, { nil: undefined }) });
    fc.assert(fc.property(inspection, (value) => checkResult(limitWire.inspect, value)));
    fc.assert(fc.property(fc.integer({ min: 0, max: MOST_TOP }), (count) => checkRequest(limitWire.top, { count })));
    fc.assert(fc.property(fc.array(report), (value) => checkResult(limitWire.top, value)));
  });
  test('blocked and counts', () => {
    checkRequest(limitWire.blocked, {});
    checkRequest(limitWire.counts, {});
    fc.assert(
      fc.property(fc.array(fc.record({ key, untilUs: whole })), (value) => checkResult(limitWire.blocked, value)),
    );
    fc.assert(fc.property(fc.record({ keys: whole, blocked: whole }), (value) => checkResult(limitWire.counts, value)));
  });
});

describe('what is not in the form', () => {
  const commands = Object.values(limitWire);

  test('is refused as bad usage, whatever it is', () => {
    const word = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('gcra', '1', '0', '-1', '99999999999999999999', 'LEASE', 'SCOPE')
        .map((text) => Buffer.from(text)),
    );
    for (const command of commands) {
      fc.assert(
        fc.property(fc.array(word, { maxLength: 20 }), (raw) => {
          try {
            command.decodeRequest(raw);
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^limit\./), kind: 'usage' });
          }
        }),
      );
    }
  });

  const args = (...words: string[]) => bytesOf(words);
  const one = ['', 'user', 'gcra', '5', '60000000', '5', '1', '0'];

  test.each([
    ['a demand with an argument missing', () => limitWire.check.decodeRequest(args(...one.slice(1))), 'bad_argument'],
    ['a cost that is no number', () => limitWire.check.decodeRequest(args(...one.with(6, 'many'))), 'bad_argument'],
    [
      'an algorithm nobody knows',
      () => limitWire.check.decodeRequest(args(...one.with(2, 'grca'))),
      'unknown_algorithm',
    ],
    ['a limit that lets nothing through', () => limitWire.check.decodeRequest(args(...one.with(3, '0'))), 'bad_rate'],
    [
      'a period of 10^12 s',
      () => limitWire.check.decodeRequest(args(...one.with(4, `1${'0'.repeat(18)}`))),
      'bad_argument',
    ],
    [
      'a burst beyond what is counted',
      () => limitWire.check.decodeRequest(args(...one.with(5, '67108865'))),
      'bad_burst',
    ],
    [
      'more demands than fit a check',
      () => limitWire.check.decodeRequest(args(...Array.from({ length: MOST_DEMANDS + 1 }, () => one).flat())),
      'bad_demand',
    ],
    ['words behind a refund', () => limitWire.refund.decodeRequest(args(...one, 'LEASE', '1', 'x')), 'bad_argument'],
    ['too long a list', () => limitWire.top.decodeRequest(args(String(MOST_TOP + 1))), 'bad_argument'],
  ])('%s', (_what, decode, code) => {
    expect(decode).toThrow(expect.objectContaining({ code: `limit.${code}` }));
  });

  test('is refused as peer.protocol in answers', () => {
    for (const reply of [
      'nonsense',
      null,
      ['a'],
      [['a', 'b']],
      ['1', '0', ['1', '2']],
      '{"reports":[{}]}',
      '[1]',
      '{',
    ]) {
      for (const command of [limitWire.check, limitWire.inspect, limitWire.top, limitWire.blocked, limitWire.counts]) {
        expect(() => command.decodeResult(reply)).toThrow(expect.objectContaining({ code: 'peer.protocol' }));
      }
    }
  });
});

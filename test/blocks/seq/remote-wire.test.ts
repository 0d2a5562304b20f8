import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seqWire } from '../../../src/blocks/seq/wire.js';
import type { Reply } from '../../../src/platform/protocol/resp/reply.js';
import type { WireCommand } from '../../../src/platform/protocol/resp/wire-command.js';
import type { WireReply } from '../../../src/platform/protocol/resp-client/values.js';

/** A reply as a RESP2 client with integers as strings decodes it. */
function asReceived(reply: Reply): WireReply {
  if (reply === null || typeof reply === 'string') return reply;
  if (typeof reply === 'number' || typeof reply === 'bigint') return String(reply);
  if (Array.isArray(reply)) return reply.map(asReceived);
  if (typeof reply === 'object' && 'type' in reply) {
    if (reply.type === 'map') return reply.entries.flat().map(asReceived);
    if (reply.type === 'simple') return reply.text;
  }
  throw new Error('not used by the SEQ commands');
}

function checkRequest<Request, Result>(command: WireCommand<Request, Result>, request: Request): void {
  const args = command.encodeRequest(request).map((arg) => Buffer.from(arg));
  const count = args.length + 1;
  expect(command.arity < 0 ? count >= -command.arity : count === command.arity).toBe(true);
  expect(command.decodeRequest(args)).toEqual(request);
}

function checkResult<Request, Result>(command: WireCommand<Request, Result>, result: Result): void {
  expect(command.decodeResult(asReceived(command.encodeResult(result)))).toEqual(result);
}

const ms = fc.nat(2 ** 48);
const text = fc.string({ unit: 'binary', maxLength: 30 });
const int64 = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
const key = { space: text, worker: fc.nat(65_535), token: int64 };
const lease = fc.record({ ...key, holder: text, expiresAt: ms, floor: ms, reservedUntil: ms });
const state = fc.constantFrom('leased' as const, 'expired' as const, 'released' as const);
const worker = fc.record({ ...key, state, holder: text, leasedAt: ms, expiresAt: ms, highWater: ms, freeAt: ms });
const ticket = { name: text, number: int64, token: int64 };
const holeState = fc.constantFrom('reserved' as const, 'abandoned' as const);
const hole = fc.record({ number: int64, state: holeState, holder: text, token: int64, expiresAt: ms });
const kind = fc.constantFrom('block' as const, 'gapless' as const);
const summary = fc.record({ name: text, kind, last: int64, holes: fc.nat() });
const stamp = fc.record({ wall: ms, logical: fc.nat(65_535) });

/** Optional fields are absent, not undefined. */
const optional = <T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) => fc.record(model, { requiredKeys: [] });

describe('every SEQ command is read as it was written', () => {
  test('lease', () => {
    const request = fc.record(
      { space: text, workers: fc.nat(), worker: fc.nat(), holder: text, ttlMs: ms, skewMs: ms, reserveMs: ms },
      { requiredKeys: ['space', 'workers', 'holder', 'ttlMs', 'skewMs', 'reserveMs'] },
    );
    fc.assert(fc.property(request, (value) => checkRequest(seqWire.lease, value)));
    fc.assert(fc.property(lease, (value) => checkResult(seqWire.lease, value)));
  });
  test('renew', () => {
    fc.assert(fc.property(fc.record({ ...key, ttlMs: ms, reserveUntil: ms }), (v) => checkRequest(seqWire.renew, v)));
    fc.assert(fc.property(lease, (value) => checkResult(seqWire.renew, value)));
  });
  test('release', () => {
    const call = fc.record({ ...key, usedUntil: ms }, { requiredKeys: ['space', 'worker', 'token'] });
    fc.assert(fc.property(call, (value) => checkRequest(seqWire.release, value)));
    checkResult(seqWire.release, undefined);
  });
  test('workers', () => {
    fc.assert(fc.property(optional({ space: text }), (value) => checkRequest(seqWire.workers, value)));
    fc.assert(fc.property(fc.array(worker), (value) => checkResult(seqWire.workers, value)));
  });
  test('reserve, commit, abort', () => {
    fc.assert(fc.property(fc.record({ name: text, holder: text, ttlMs: ms }), (v) => checkRequest(seqWire.reserve, v)));
    fc.assert(fc.property(fc.record({ ...ticket, expiresAt: ms }), (value) => checkResult(seqWire.reserve, value)));
    for (const command of [seqWire.commit, seqWire.abort]) {
      fc.assert(fc.property(fc.record(ticket), (value) => checkRequest(command, value)));
      checkResult(command, undefined);
    }
  });
  test('holes and tickets', () => {
    fc.assert(fc.property(fc.record({ name: text }), (value) => checkRequest(seqWire.holes, value)));
    fc.assert(fc.property(fc.array(hole), (value) => checkResult(seqWire.holes, value)));
    checkRequest(seqWire.tickets, {});
    fc.assert(fc.property(fc.array(summary), (value) => checkResult(seqWire.tickets, value)));
  });
  test('hlc', () => {
    const merge = fc.record({ remote: stamp, maxDriftMs: ms });
    fc.assert(fc.property(optional({ merge }), (value) => checkRequest(seqWire.hlc, value)));
    fc.assert(fc.property(stamp, (value) => checkResult(seqWire.hlc, value)));
  });
  test('next', () => {
    const layout = text.filter((name) => name.toUpperCase() !== 'FORMAT');
    const call = fc.record({ layout, count: fc.nat(), format: text }, { requiredKeys: ['layout'] });
    fc.assert(fc.property(call, (value) => checkRequest(seqWire.next, value)));
    fc.assert(fc.property(fc.array(text), (value) => checkResult(seqWire.next, value)));
    expect(seqWire.next.decodeResult('one')).toEqual(['one']);
  });
});

describe('what is not in the form', () => {
  const commands = Object.values(seqWire);

  test('is refused as seq.bad_argument, whatever it is', () => {
    const args = fc.array(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
      { maxLength: 8 },
    );
    for (const command of commands) {
      fc.assert(
        fc.property(args, (raw) => {
          try {
            command.decodeRequest(raw);
          } catch (error) {
            expect(error).toMatchObject({ code: 'seq.bad_argument' });
          }
        }),
      );
    }
  });

  test.each([
    ['a name that is not UTF-8', () => seqWire.holes.decodeRequest([Buffer.from([0xff])])],
    [
      'a token beyond 64 bits',
      () => seqWire.commit.decodeRequest(['a', '1', '9223372036854775808'].map((a) => Buffer.from(a))),
    ],
    [
      'an argument too many',
      () => seqWire.next.decodeRequest(['twitter', '1', 'FORMAT', 'hex', 'x'].map((a) => Buffer.from(a))),
    ],
    ['a count that is no number', () => seqWire.next.decodeRequest(['twitter', 'many'].map((a) => Buffer.from(a)))],
  ])('%s', (_what, decode) => {
    expect(decode).toThrow(expect.objectContaining({ code: 'seq.bad_argument' }));
  });

  test('is refused as peer.protocol in answers', () => {
    for (const reply of ['nonsense', null, [], ['a'], [['a', 'b']], [['number', 'x']]]) {
      expect(() => seqWire.lease.decodeResult(reply)).toThrow(expect.objectContaining({ code: 'peer.protocol' }));
      expect(() => seqWire.release.decodeResult(reply)).toThrow(expect.objectContaining({ code: 'peer.protocol' }));
    }
  });
});

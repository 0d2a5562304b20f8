import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultRespLimits, type RespLimits } from '../../../../src/platform/protocol/resp/limits.js';
import { RequestParser, RespProtocolError } from '../../../../src/platform/protocol/resp/request-parser.js';

type Event = readonly string[] | { readonly error: string };

interface ParseOptions {
  readonly limits?: Partial<RespLimits>;
  readonly authenticated?: boolean;
}

/** All requests, name first, one character per byte; then the protocol error, if there was one. */
function parse(chunks: readonly Buffer[], { limits = {}, authenticated = true }: ParseOptions = {}): Event[] {
  const parser = new RequestParser({ ...defaultRespLimits, ...limits });
  parser.authenticated = authenticated;
  const events: Event[] = [];
  try {
    for (const chunk of chunks) {
      parser.push(chunk);
      while (parser.next()) events.push([parser.name, ...parser.args.map((arg) => arg.toString('latin1'))]);
    }
  } catch (failure) {
    if (!(failure instanceof RespProtocolError)) throw failure;
    events.push({ error: failure.message });
  }
  return events;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const one = (text: string, options?: ParseOptions): Event[] => parse([bytes(text)], options);

function encode(request: readonly Uint8Array[]): Buffer {
  const parts = request.flatMap((arg) => [bytes(`$${arg.length}\r\n`), Buffer.from(arg), bytes('\r\n')]);
  return Buffer.concat([bytes(`*${request.length}\r\n`), ...parts]);
}

/** Cuts at the given positions; equal positions make empty chunks. */
function cut(whole: Buffer, positions: readonly number[]): Buffer[] {
  const sorted = [...positions.map((position) => position % (whole.length + 1)), whole.length].sort((a, b) => a - b);
  let from = 0;
  return sorted.map((to) => {
    const chunk = Buffer.from(whole.subarray(from, to));
    from = to;
    return chunk;
  });
}

const MIXED =
  "*2\r\n$4\r\nINCR\r\n$6\r\norders\r\n\r\nPING\r\n*0\r\n*-1\r\n*1\r\n$0\r\n\r\nset \"a\\x20b\\n\" 'it\\'s' c\r\n" +
  '*3\r\n$3\r\nSET\r\n$5\r\n\r\n\0\xff*\r\n$2\r\n$1\r\nECHO  x \n';
const MIXED_EVENTS = [
  ['INCR', 'orders'],
  ['PING'],
  [''],
  ['set', 'a b\n', "it's", 'c'],
  ['SET', '\r\n\0\xff*', '$1'],
  ['ECHO', 'x'],
];

describe('requests', () => {
  test('are read from multibulk and inline forms, binary arguments included', () => {
    expect(one(MIXED)).toEqual(MIXED_EVENTS);
  });

  test('are the same when the bytes are cut at any one place', () => {
    const whole = bytes(MIXED);
    for (let at = 0; at <= whole.length; at++) expect(parse(cut(whole, [at]))).toEqual(MIXED_EVENTS);
  });

  test('are the same when every byte arrives alone', () => {
    expect(parse([...bytes(MIXED)].map((byte) => Buffer.from([byte])))).toEqual(MIXED_EVENTS);
  });

  test('survive any cut, for any arguments', () => {
    const request = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 8 }), (requests, positions) => {
        const whole = Buffer.concat(requests.map(encode));
        const expected = requests.map((args) => args.map((arg) => Buffer.from(arg).toString('latin1')));
        expect(parse(cut(whole, positions))).toEqual(expected);
      }),
    );
  });

  test('and errors of any garbage are the same wherever it is cut, and nothing else is thrown', () => {
    const token = fc.constantFrom(
      '*',
      '$',
      '\r\n',
      '\r',
      '\n',
      '-1',
      '0',
      '1',
      '3',
      '12',
      'PING',
      '"',
      "'",
      ' ',
      '\0',
      '\\x4',
    );
    const garbage = fc.oneof(
      fc.array(token, { maxLength: 30 }).map((tokens) => bytes(tokens.join(''))),
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
    );
    fc.assert(
      fc.property(garbage, fc.array(fc.nat(), { maxLength: 6 }), (whole, positions) => {
        expect(parse(cut(whole, positions))).toEqual(parse([whole]));
      }),
      { numRuns: 2000 },
    );
  });

  test('keep their arguments when the parser goes on', () => {
    const parser = new RequestParser(defaultRespLimits);
    const kept: Buffer[] = [];
    for (const byte of bytes('*2\r\n$1\r\nA\r\n$3\r\none\r\n*2\r\n$1\r\nA\r\n$3\r\ntwo\r\n')) {
      parser.push(Buffer.from([byte]));
      if (parser.next()) kept.push(...parser.args);
    }
    expect(kept.map(String)).toEqual(['one', 'two']);
  });
});

describe('captured from foreign clients', () => {
  test('redis-cli 7.0 -3 SET "a b" é', () => {
    const hex =
      '2a320d0a24350d0a48454c4c4f0d0a24310d0a330d0a' + '2a330d0a24330d0a5345540d0a24330d0a6120620d0a24320d0ac3a90d0a';
    expect(parse([Buffer.from(hex, 'hex')])).toEqual([
      ['HELLO', '3'],
      ['SET', 'a b', '\xc3\xa9'],
    ]);
  });

  test('redis-benchmark 7.0 -c 1 -n 2 -P 2 -t incr -r 9', () => {
    const hex =
      '2a330d0a24360d0a434f4e4649470d0a24330d0a4745540d0a24340d0a736176650d0a2a330d0a24360d0a434f4e4649470d0a24330d0a4745' +
      '540d0a2431300d0a617070656e646f6e6c790d0a2a320d0a24340d0a494e43520d0a2432300d0a636f756e7465723a30303030303030303030' +
      '30350d0a2a320d0a24340d0a494e43520d0a2432300d0a636f756e7465723a3030303030303030303030360d0a';
    expect(parse([Buffer.from(hex, 'hex')])).toEqual([
      ['CONFIG', 'GET', 'save'],
      ['CONFIG', 'GET', 'appendonly'],
      ['INCR', 'counter:000000000005'],
      ['INCR', 'counter:000000000006'],
    ]);
  });
});

describe('limits', () => {
  test.each([
    ['4 GB announced', '*1\r\n$4294967296\r\n', 'invalid bulk length'],
    ['a bulk above the limit', '*1\r\n$8388609\r\n', 'invalid bulk length'],
    ['a negative bulk', '*1\r\n$-1\r\n', 'invalid bulk length'],
    ['a bulk length that is no number', '*1\r\n$abc\r\n', 'invalid bulk length'],
    ['an empty bulk length', '*1\r\n$\r\n', 'invalid bulk length'],
    ['a leading zero', '*1\r\n$01\r\na\r\n', 'invalid bulk length'],
    ['a plus sign', '*1\r\n$+1\r\na\r\n', 'invalid bulk length'],
    ['a length without end', `*1\r\n$${'9'.repeat(20)}`, 'invalid bulk length'],
    ['too many arguments', '*65537\r\n', 'invalid multibulk length'],
    ['a count beyond 64 bits', '*99999999999999999999\r\n', 'invalid multibulk length'],
    ['a count that is no number', '*x\r\n', 'invalid multibulk length'],
    ['minus nothing', '*-\r\n', 'invalid multibulk length'],
    ['another type than a bulk', '*1\r\n:1\r\n', "expected '$', got ':'"],
    ['an unprintable type', '*1\r\n\x01', "expected '$', got '\\x01'"],
    ['a bulk longer than announced', '*1\r\n$1\r\nab\r\n', 'expected CRLF after bulk'],
    ['an endless line', 'x'.repeat(65_537), 'too big inline request'],
    ['a line above the limit', `${'x'.repeat(65_537)}\r\n`, 'too big inline request'],
    ['an open quote', 'SET "a\r\n', 'unbalanced quotes in request'],
    ['a closing quote inside a word', 'SET "a"b\r\n', 'unbalanced quotes in request'],
  ])('refuse %s', (_what, text, error) => {
    expect(one(text)).toEqual([{ error: `Protocol error: ${error}` }]);
  });

  test('refuse arguments that together are too large, before they arrive', () => {
    const text = '*4\r\n$4\r\nMSET\r\n$5\r\naaaaa\r\n$6\r\n';
    expect(one(text, { limits: { maxFrameBytes: 14 } })).toEqual([{ error: 'Protocol error: too big request' }]);
    expect(one(text, { limits: { maxFrameBytes: 15 } })).toEqual([]);
  });

  test('are small before authentication', () => {
    const unauthenticated = { authenticated: false };
    expect(one('*11\r\n', unauthenticated)).toEqual([{ error: 'Protocol error: unauthenticated multibulk length' }]);
    expect(one('*1\r\n$16385\r\n', unauthenticated)).toEqual([
      { error: 'Protocol error: unauthenticated bulk length' },
    ]);
    expect(one('a b c d e f g h i j k\r\n', unauthenticated)).toEqual([
      { error: 'Protocol error: unauthenticated multibulk length' },
    ]);
    expect(one('*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n', unauthenticated)).toEqual([['AUTH', 'x']]);
  });

  test('cost nothing for what is announced and has not arrived', () => {
    const before = process.memoryUsage();
    const parsers = Array.from({ length: 200 }, () => new RequestParser(defaultRespLimits));
    for (const parser of parsers) {
      parser.push(bytes('*65536\r\n$8388608\r\nabc'));
      expect(parser.next()).toBe(false);
    }
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1_000_000);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(20_000_000);
  });

  test('hold at most a few times what has arrived, also byte by byte, in linear time', () => {
    const parser = new RequestParser(defaultRespLimits);
    parser.push(bytes('*2\r\n$4\r\nECHO\r\n$1000000\r\n'));
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1_000_000; i++) {
      parser.push(Buffer.from('x'));
      if (i % 1000 === 0) parser.next();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(6_000_000);
    parser.push(bytes('\r\n'));
    expect(parser.next()).toBe(true);
    expect(parser.args[0]?.length).toBe(1_000_000);
  });
});

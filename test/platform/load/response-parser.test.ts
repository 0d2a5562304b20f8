import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResponseParser } from '../../../src/platform/load/http/response-parser.js';

interface Read {
  /** Statuses of the responses that are whole. */
  readonly statuses: readonly number[];
  readonly persistent: boolean;
  readonly problem: string | undefined;
  /** Whether it waits for more, and would be whole if the peer closed now. */
  readonly done: boolean;
}

/** Reads pieces as they would come from a socket, a new response for each that was whole. */
function read(pieces: readonly Uint8Array[], { isHead = false, closes = false } = {}): Read {
  const parser = new ResponseParser();
  const statuses: number[] = [];
  parser.begin(isHead);
  let persistent = true;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length && parser.problem === undefined; ) {
      if (parser.isDone) parser.begin(isHead);
      at = parser.push(piece, at, piece.length);
      if (parser.isDone) {
        statuses.push(parser.status);
        persistent = parser.isPersistent;
      }
    }
  }
  if (closes && !parser.isDone && parser.close()) {
    statuses.push(parser.status);
    persistent = parser.isPersistent;
  }
  return { statuses, persistent, problem: parser.problem, done: parser.isDone };
}

const readText = (text: string, how = {}) => read([Buffer.from(text, 'latin1')], how);

function chop(bytes: Buffer, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
}

const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const token = fc
  .stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,12}$/)
  .filter((name) => !/^(content-length|transfer-encoding|connection)$/i.test(name));
const fields = fc
  .array(fc.tuple(token, fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)), { maxLength: 5 })
  .map((list) => list.map(([name, value]) => `${name}: ${value}\r\n`).join(''));
const status = fc.constantFrom(200, 201, 301, 404, 429, 500, 503, 999);
const casing = fc.constantFrom(
  (text: string) => text,
  (text: string) => text.toLowerCase(),
  (text: string) => text.toUpperCase(),
);

const interim = fc.constantFrom('', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');

const lengthFramed = fc.tuple(status, fields, body, casing).map(([code, extra, content, cased]) => ({
  code,
  bytes: Buffer.concat([
    Buffer.from(`HTTP/1.1 ${code} Some Reason\r\n${extra}${cased('Content-Length')}: ${content.length}\r\n\r\n`),
    content,
  ]),
}));

const chunked = fc
  .tuple(
    status,
    fields,
    fc.array(
      body.filter((b) => b.length > 0),
      { maxLength: 4 },
    ),
    casing,
    fc.boolean(),
  )
  .map(([code, extra, chunks, cased, trailer]) => ({
    code,
    bytes: Buffer.concat([
      Buffer.from(`HTTP/1.1 ${code}\r\n${cased('Transfer-Encoding')}: chunked\r\n${extra}\r\n`),
      ...chunks.flatMap((chunk, i) => [
        Buffer.from(`${chunk.length.toString(16)}${i % 2 === 0 ? '' : ' ;ext="v"'}\r\n`),
        chunk,
        Buffer.from('\r\n'),
      ]),
      Buffer.from(trailer ? '0\r\nDigest: abc\r\n\r\n' : '0\r\n\r\n'),
    ]),
  }));

const bodiless = fc.tuple(fc.constantFrom(204, 304), fields).map(([code, extra]) => ({
  code,
  bytes: Buffer.from(`HTTP/1.1 ${code} Nothing\r\n${extra}\r\n`),
}));

const response = fc
  .tuple(interim, fc.oneof(lengthFramed, chunked, bodiless))
  .map(([before, { code, bytes }]) => ({ code, bytes: Buffer.concat([Buffer.from(before), bytes]) }));

describe('any chopping of a response reads alike', () => {
  test('responses one after another, cut anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(response, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(2000), { maxLength: 12 }),
        (list, cuts) => {
          const bytes = Buffer.concat(list.map((one) => one.bytes));
          const result = read(chop(bytes, cuts));
          expect(result.problem).toBeUndefined();
          expect(result.done).toBe(true);
          expect(result.statuses).toEqual(list.map(({ code }) => code));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('byte for byte', () => {
    fc.assert(
      fc.property(response, ({ code, bytes }) => {
        const result = read([...bytes].map((byte) => Uint8Array.of(byte)));
        expect(result).toMatchObject({ statuses: [code], done: true, problem: undefined });
      }),
    );
  });

  test('damaged ones, too: the same verdict however they are cut, and always one', () => {
    const damaged = fc.tuple(response, fc.nat(), fc.nat(255)).map(([{ bytes }, place, byte]) => {
      const copy = Buffer.from(bytes);
      copy[place % copy.length] = byte;
      return copy;
    });
    fc.assert(
      fc.property(damaged, fc.array(fc.nat(2000), { maxLength: 8 }), (bytes, cuts) => {
        const whole = read([bytes]);
        const cut = read(chop(bytes, cuts));
        expect(cut.problem === undefined).toBe(whole.problem === undefined);
        if (whole.problem === undefined) expect(cut).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });

  test('random bytes never hang or throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), (pieces) => {
        read(pieces, { closes: true });
      }),
      { numRuns: 500 },
    );
  });
});

describe('RFC 9112', () => {
  test('6.3: the answer to HEAD has no body, whatever its length says', () => {
    expect(readText('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', { isHead: true })).toMatchObject({
      statuses: [200],
      done: true,
    });
  });

  test('6.3: without a length the body ends with the connection', () => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nsome of the body';
    expect(readText(text)).toMatchObject({ statuses: [], done: false });
    expect(readText(text, { closes: true })).toMatchObject({ statuses: [200], persistent: false });
  });

  test('8: a body that is cut short is no answer', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nsome';
    expect(readText(text, { closes: true })).toMatchObject({ statuses: [], done: false });
  });

  test('6.3: a length said twice is read when both agree', () => {
    const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab';
    expect(readText(ok)).toMatchObject({ statuses: [200], problem: undefined });
    expect(readText(ok.replace('Length: 2', 'Length: 2, 2'))).toMatchObject({ statuses: [200] });
    expect(readText(ok.replace('Length: 2', 'Length: 3')).problem).toBe('two Content-Lengths');
  });

  test('6.3: a coding wins over a length, and the connection is not used again', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n';
    expect(readText(text)).toMatchObject({ statuses: [200], persistent: false, done: true });
  });

  test('6.1: a coding in HTTP/1.0 is read, and the connection is not used again', () => {
    const text = 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(readText(text)).toMatchObject({ statuses: [200], persistent: false, done: true });
  });

  test('9.3: who closes and who does not', () => {
    const persistent = (version: string, connection: string) =>
      readText(`HTTP/${version} 200 OK\r\nContent-Length: 0\r\n${connection}\r\n`).persistent;
    expect(persistent('1.1', '')).toBe(true);
    expect(persistent('1.1', 'Connection: close\r\n')).toBe(false);
    expect(persistent('1.1', 'Connection: x, Close\r\n')).toBe(false);
    expect(persistent('1.0', '')).toBe(false);
    expect(persistent('1.0', 'Connection: keep-alive\r\n')).toBe(true);
  });

  test('2.2: a line may end with LF alone', () => {
    expect(readText('HTTP/1.1 200 OK\nContent-Length: 1\n\nx')).toMatchObject({ statuses: [200], done: true });
  });

  test('5.2: a folded value is passed over', () => {
    expect(readText('HTTP/1.1 200 OK\r\nX-Long: a\r\n  b\r\nContent-Length: 0\r\n\r\n')).toMatchObject({
      statuses: [200],
    });
  });

  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n'],
    ['a field without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a length beyond 2^53', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n'],
    ['a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    ['a chunk size beyond 2^52', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'f'.repeat(14)}\r\n`],
    ['a chunk that is longer than it says', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n'],
    ['a length that goes on in the next line', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 0\r\n\r\nx'],
    ['a folded line before any field', 'HTTP/1.1 200 OK\r\n X: y\r\n\r\n'],
    ['101, which nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['a CR within a line', 'HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n'],
    ['a NUL in a value', 'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`],
    ['a line without end', `HTTP/1.1 200 ${'k'.repeat(70_000)}`],
    ['trailers without end', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'X: y\r\n'.repeat(20_000)}`],
  ])('%s is malformed', (_what, text) => {
    expect(readText(text).problem).toBeDefined();
    expect(read([...Buffer.from(text, 'latin1')].map((byte) => Uint8Array.of(byte))).problem).toBeDefined();
  });
});

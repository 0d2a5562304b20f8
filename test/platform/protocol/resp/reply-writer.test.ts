import { RESP_TYPES } from '@redis/client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bigNumber,
  double,
  error,
  map,
  OK,
  push,
  type Reply,
  raw,
  set,
  simple,
  verbatim,
} from '../../../../src/platform/protocol/resp/reply.js';
import { type Protocol, ReplyWriter } from '../../../../src/platform/protocol/resp/reply-writer.js';

/** Collects what a socket would be given, and counts the writes. */
class Sink {
  chunks: Buffer[] = [];
  corked = 0;
  cork(): void {
    this.corked++;
  }
  uncork(): void {
    this.corked--;
  }
  write(bytes: string | Buffer, encoding?: 'latin1'): boolean {
    this.chunks.push(typeof bytes === 'string' ? Buffer.from(bytes, encoding) : bytes);
    return true;
  }
}

function encode(reply: Reply, protocol: Protocol = 2): string {
  const writer = new ReplyWriter();
  writer.protocol = protocol;
  writer.write(reply);
  const sink = new Sink();
  const { length } = writer;
  writer.flush(sink);
  const bytes = Buffer.concat(sink.chunks);
  expect(bytes.length).toBe(length);
  return bytes.toString('latin1');
}

describe('replies', () => {
  const cases: [what: string, reply: Reply, resp2: string, resp3: string][] = [
    ['integer', 42, ':42\r\n', ':42\r\n'],
    ['64-bit integer', 2n ** 63n - 1n, ':9223372036854775807\r\n', ':9223372036854775807\r\n'],
    ['bulk string', 'hello', '$5\r\nhello\r\n', '$5\r\nhello\r\n'],
    ['empty bulk string', '', '$0\r\n\r\n', '$0\r\n\r\n'],
    ['text beyond ASCII', 'é☃', '$5\r\n\xc3\xa9\xe2\x98\x83\r\n', '$5\r\n\xc3\xa9\xe2\x98\x83\r\n'],
    ['bytes', Buffer.from([0, 13, 10, 255]), '$4\r\n\0\r\n\xff\r\n', '$4\r\n\0\r\n\xff\r\n'],
    ['null', null, '$-1\r\n', '_\r\n'],
    ['true', true, ':1\r\n', '#t\r\n'],
    ['false', false, ':0\r\n', '#f\r\n'],
    [
      'array',
      [1, 'a', null, [2n]],
      '*4\r\n:1\r\n$1\r\na\r\n$-1\r\n*1\r\n:2\r\n',
      '*4\r\n:1\r\n$1\r\na\r\n_\r\n*1\r\n:2\r\n',
    ],
    ['simple string', OK, '+OK\r\n', '+OK\r\n'],
    ['simple string with a line end', simple('a\r\nb'), '+a  b\r\n', '+a  b\r\n'],
    ['error', error('ERR', 'no\nway'), '-ERR no way\r\n', '-ERR no way\r\n'],
    ['map', map([['a', 1]]), '*2\r\n$1\r\na\r\n:1\r\n', '%1\r\n$1\r\na\r\n:1\r\n'],
    ['set', set([1]), '*1\r\n:1\r\n', '~1\r\n:1\r\n'],
    ['push', push(['m']), '*1\r\n$1\r\nm\r\n', '>1\r\n$1\r\nm\r\n'],
    ['double', double(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
    ['infinity', double(Number.NEGATIVE_INFINITY), '$4\r\n-inf\r\n', ',-inf\r\n'],
    ['not a number', double(Number.NaN), '$3\r\nnan\r\n', ',nan\r\n'],
    ['big number', bigNumber(2n ** 70n), '$22\r\n1180591620717411303424\r\n', '(1180591620717411303424\r\n'],
    ['verbatim', verbatim('txt', 'é'), '$2\r\n\xc3\xa9\r\n', '=6\r\ntxt:\xc3\xa9\r\n'],
    ['raw', raw(Buffer.from(':7\r\n')), ':7\r\n', ':7\r\n'],
  ];
  test.each(cases)('%s', (_what, reply, resp2, resp3) => {
    expect(encode(reply, 2)).toBe(resp2);
    expect(encode(reply, 3)).toBe(resp3);
  });

  test('are understood by a foreign decoder, whatever is in them', async () => {
    const { Decoder } = await import('../../../../node_modules/@redis/client/dist/lib/RESP/decoder.js');
    const leaf = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constant(null),
      fc.string({ minLength: 2000, maxLength: 2100 }).map((text) => Buffer.from(text)),
    );
    const { tree } = fc.letrec<{ tree: Reply }>((tie) => ({
      tree: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('tree'), { maxLength: 5 })),
    }));
    const plain = (reply: unknown): unknown =>
      Array.isArray(reply) ? reply.map(plain) : reply === null ? null : String(reply);
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 4 }), fc.constantFrom<Protocol>(2, 3), (replies, protocol) => {
        const seen: unknown[] = [];
        const decoder = new Decoder({
          onReply: (reply: unknown) => seen.push(plain(reply)),
          onErrorReply: (failure: unknown) => seen.push(failure),
          onPush: (message: unknown) => seen.push(message),
          getTypeMapping: () => ({ [RESP_TYPES.NUMBER]: String }),
        });
        const writer = new ReplyWriter();
        writer.protocol = protocol;
        for (const reply of replies) writer.write(reply);
        const sink = new Sink();
        writer.flush(sink);
        for (const chunk of sink.chunks) decoder.write(chunk);
        expect(seen).toEqual(replies.map(plain));
      }),
    );
  });
});

describe('the writer', () => {
  test('sends many small replies with one write', () => {
    const writer = new ReplyWriter();
    for (let i = 0; i < 1000; i++) writer.write(i);
    const sink = new Sink();
    writer.flush(sink);
    expect(sink.chunks).toHaveLength(1);
    writer.flush(sink);
    expect(sink.chunks).toHaveLength(1);
  });

  test('sends large buffers uncopied, in order, between one cork and uncork', () => {
    const large = Buffer.alloc(100_000, 'x');
    const writer = new ReplyWriter();
    writer.write(1);
    writer.write(raw(large));
    writer.write(2);
    const sink = new Sink();
    writer.flush(sink);
    expect(sink.chunks.map((chunk) => chunk.length)).toEqual([4, 100_000, 4]);
    expect(sink.chunks[1]).toBe(large);
    expect(sink.corked).toBe(0);
  });

  test('leaves nothing behind of a value that no reply can carry', () => {
    const writer = new ReplyWriter();
    writer.write('before');
    const { length } = writer;
    const large = Buffer.alloc(5000);
    expect(() => writer.write([large, 'a', large, Number.NaN])).toThrow(TypeError);
    expect(() => writer.write(2 ** 53)).toThrow(TypeError);
    expect(() => writer.write(verbatim('text', 'a'))).toThrow(TypeError);
    expect(writer.length).toBe(length);
    const sink = new Sink();
    writer.flush(sink);
    expect(Buffer.concat(sink.chunks).toString()).toBe('$6\r\nbefore\r\n');
  });
});

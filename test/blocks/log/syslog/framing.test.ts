import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader, FramingError } from '../../../../src/blocks/log/syslog/framing.js';

function frames(chunks: readonly Buffer[], longest?: number) {
  const messages: string[] = [];
  let cut = 0;
  const reader = new FrameReader(
    {
      message: (bytes, start, end) => messages.push(bytes.toString('latin1', start, end)),
      cut: () => {
        cut++;
      },
    },
    longest,
  );
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return { messages, cut, held: reader.held };
}

const all = (text: string, longest?: number) => frames([Buffer.from(text, 'latin1')], longest);

test.each([
  ['5 <34>a7 <34>a b', ['<34>a', '<34>a b']],
  ['5 <34>a\n5 <34>b\n', ['<34>a', '<34>b']],
  ['8 <34>a\nb\0', ['<34>a\nb\0']],
  ['<34>a\n<34>b\0<34>c', ['<34>a', '<34>b', '<34>c']],
  ['<34>a\n5 <34>b<34>c\n', ['<34>a', '<34>b', '<34>c']],
  ['\n\r\n\0<34>a\n\n', ['<34>a']],
  ['2026-01-01 a line that begins with a number\nb', ['2026-01-01 a line that begins with a number', 'b']],
  ['5 <34', ['<34']],
  ['', []],
])('%j', (text, messages) => {
  expect(all(text)).toEqual({ messages, cut: 0, held: 0 });
});

test('however the stream is cut into chunks', () => {
  const message = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '9'), maxLength: 30 }).map((text) => `<34>${text}`);
  fc.assert(
    fc.property(fc.array(fc.tuple(message, fc.boolean())), fc.array(fc.nat(20)), (sent, cuts) => {
      const stream = Buffer.from(
        sent.map(([text, counted]) => (counted ? `${text.length} ${text}` : `${text}\n`)).join(''),
      );
      const chunks: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        chunks.push(stream.subarray(at, at + cut));
        at += cut;
      }
      chunks.push(stream.subarray(at));
      expect(frames(chunks).messages).toEqual(sent.map(([text]) => text));
    }),
  );
});

test.each([['1000000000000 <34>a'], ['270337 <34>a'], ['999999'], ['9'.repeat(1000)]])(
  '%s is refused at once',
  (text) => {
    expect(() => all(text)).toThrow(FramingError);
  },
);

test('a line beyond the bound is cut and its rest is dropped, whatever comes', () => {
  const endless = Array.from({ length: 1000 }, () => Buffer.alloc(1000, 0x61));
  const { messages, cut } = frames([Buffer.from('<34>'), ...endless, Buffer.from('\n<34>next\n')]);
  expect(messages.map(({ length }) => length)).toEqual([270_336, 8]);
  expect(cut).toBe(1);
  expect(all('<34>12345\n<34>b\n', 9)).toEqual({ messages: ['<34>12345', '<34>b'], cut: 0, held: 0 });
  expect(all('<34>123456\n<34>b\n', 9)).toEqual({ messages: ['<34>12345', '<34>b'], cut: 1, held: 0 });
});

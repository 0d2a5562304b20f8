import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DsError } from '../../../../src/platform/errors.js';
import { errorFromReply, errorReplyOf } from '../../../../src/platform/protocol/resp/errors.js';
import { ReplyWriter } from '../../../../src/platform/protocol/resp/reply-writer.js';

/** What a client is given as the error's text. */
function onTheWire(error: DsError): string {
  const writer = new ReplyWriter();
  const chunks: string[] = [];
  writer.write(errorReplyOf(error));
  writer.flush({ cork() {}, uncork() {}, write: (bytes: string | Buffer) => chunks.push(bytes.toString()) > 0 });
  const text = Buffer.from(chunks.join(''), 'latin1').toString();
  expect(text).toMatch(/^-[^\r\n]*\r\n$/);
  return text.slice(1, -2);
}

const kindOf = (code: string) => (code === 'a.b_c' ? ('no' as const) : undefined);
const facts = ({ code, kind, message, hint, details }: DsError) => ({ code, kind, message, hint, details });

describe('an error across the wire', () => {
  test('is legible for people', () => {
    const error = new DsError('a.b_c', 'no', 'x is taken', { hint: 'try y', details: { free_at_ms: 5 } });
    expect(onTheWire(error)).toBe('A.B_C x is taken (hint: try y) {"free_at_ms":5}');
    expect(onTheWire(new DsError('a.b_c', 'no', 'x is taken'))).toBe('A.B_C x is taken');
  });

  test('comes back as it was', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
    const sentence = line.filter((text) => !/[{}()]/.test(text));
    const detail = fc.oneof(line, fc.integer(), fc.boolean());
    fc.assert(
      fc.property(
        sentence,
        fc.option(sentence, { nil: undefined }),
        fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), detail),
        (message, hint, details) => {
          const error = new DsError('a.b_c', 'no', message, { ...(hint === undefined ? {} : { hint }), details });
          const back = errorFromReply(onTheWire(error), kindOf);
          expect(back && facts(back)).toEqual(facts(error));
        },
      ),
    );
  });

  test('is none of ours when the code is unknown, and never throws', () => {
    expect(errorFromReply('ERR syntax error', kindOf)).toBeUndefined();
    expect(errorFromReply('', kindOf)).toBeUndefined();
    expect(errorFromReply('A.B_C', kindOf)?.message).toBe('');
    for (const text of ['A.B_C x {', 'A.B_C x {}}', 'A.B_C x {"a":[1]}', 'A.B_C x {"a":null}']) {
      expect(errorFromReply(text, kindOf)?.message).toBe(text.slice(6));
    }
  });
});

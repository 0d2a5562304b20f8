import { expect, test } from 'vitest';
import { byteStringOfText } from '../../../../src/blocks/kv/bytes.js';
import { wordsOf } from '../../../../src/blocks/kv/shell/words.js';

test.each<[string, string[] | undefined]>([
  ['', []],
  ['  ', []],
  ['GET key', ['GET', 'key']],
  ['\tSET  a   b ', ['SET', 'a', 'b']],
  [String.raw`SET a "b c\n\x00\xfF\q\""`, ['SET', 'a', 'b c\n\0\xffq"']],
  [String.raw`SET a 'b "c" \' \n'`, ['SET', 'a', String.raw`b "c" ' \n`]],
  ['SET a ""', ['SET', 'a', '']],
  ['SET ü', ['SET', '\xc3\xbc']],
  ['SET àb x', ['SET', '\xc3\xa0b', 'x']],
  ['a"b"', ['a"b"']],
  ['"a"b', undefined],
  ['"a', undefined],
  ["'a", undefined],
  ['"a\\', undefined],
  [String.raw`"\xg0"`, ['xg0']],
])('%j is %j', (line, words) => {
  expect(wordsOf(byteStringOfText(line))).toEqual(words);
});

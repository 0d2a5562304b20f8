import { expect, test } from 'vitest';
import { queryMode } from '../../../../src/blocks/dns/output/query-view.js';
import { readQueryWords } from '../../../../src/blocks/dns/query-words.js';

const terminal = { json: false, dig: false, table: false, isTerminal: true };
const pipe = { ...terminal, isTerminal: false };

test.each([
  ['names alone are a table on a terminal', ['ds.test.'], terminal, 'table'],
  ['and tabs in a pipe', ['ds.test.'], pipe, 'table'],
  ["dig's habits still are a table on a terminal", ['@192.0.2.1', 'ds.test.', '+norecurse'], terminal, 'table'],
  ["and dig's text in a pipe, where a script reads it", ['@192.0.2.1', 'ds.test.', '+norecurse'], pipe, 'dig'],
  ["what is about dig's text gives it on a terminal, too", ['ds.test.', '+nocomments'], terminal, 'dig'],
  ['--table has the last word on that', ['ds.test.', '+nocomments'], { ...terminal, table: true }, 'table'],
  ['--dig gives it without any such word', ['ds.test.'], { ...terminal, dig: true }, 'dig'],
  ['+short goes before --dig', ['ds.test.', '+short'], { ...pipe, dig: true }, 'short'],
  ['JSON before everything', ['ds.test.', '+short'], { ...pipe, json: true }, 'json'],
] as const)('%s', (_, words, asked, mode) => {
  expect(queryMode(readQueryWords(words, {}), asked)).toBe(mode);
});

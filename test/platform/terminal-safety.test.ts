import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  escapeForTerminal,
  escapeJsonForTerminal,
  escapeLinesForTerminal,
} from '../../src/platform/terminal-safety.js';

test('escape sequences become visible', () => {
  expect(escapeForTerminal('\u001b]0;owned\u0007')).toBe('\\x1b]0;owned\\x07');
});

test('C1 controls, with which a terminal can be driven without ESC, become visible', () => {
  expect(escapeForTerminal('\u009b31m')).toBe('\\x9b31m');
});

test('text cannot be made to read backwards', () => {
  expect(escapeForTerminal('user\u202e\u2066gpj.exe')).toBe('user\\u202e\\u2066gpj.exe');
});

test('line breaks and tabs are shown as people write them', () => {
  expect(escapeForTerminal('a\tb\r\nc')).toBe('a\\tb\\r\\nc');
});

test('line ends of several lines stay', () => {
  expect(escapeLinesForTerminal('a\u001b[2J\nb\u202e\n')).toBe('a\\x1b[2J\nb\\u202e\n');
});

test('letters of all scripts and emoji stay, lone surrogates do not', () => {
  expect(escapeForTerminal('żółw 海 👩‍🚀')).toBe('żółw 海 👩‍🚀');
  expect(escapeForTerminal('\ud800x')).toBe('\\ud800x');
});

test('JSON stays JSON of the same value, without what could drive a terminal', () => {
  expect(escapeJsonForTerminal('{\n  "a": "\u009b2J\u202e"\n}')).toBe('{\n  "a": "\\u009b2J\\u202e"\n}');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = escapeJsonForTerminal(JSON.stringify({ text }, undefined, 2));
      expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      expect(JSON.parse(json)).toEqual({ text });
    }),
  );
});

test('nothing that comes out is a control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeForTerminal(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

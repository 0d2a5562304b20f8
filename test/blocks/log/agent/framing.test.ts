/** From bytes to entries: lines, several lines as one, Docker's records. Every byte belongs to one entry, wherever a piece ends. */
import { describe, expect, it } from 'vitest';
import { dockerFramer } from '../../../../src/blocks/log/agent/framing/docker.js';
import type { Framer } from '../../../../src/blocks/log/agent/framing/framing.js';
import { MAX_LINE_BYTES } from '../../../../src/blocks/log/agent/framing/framing.js';
import { lineFramer } from '../../../../src/blocks/log/agent/framing/lines.js';
import { multilineFramer } from '../../../../src/blocks/log/agent/framing/multiline.js';

/** Texts of entries, with their marks and what they cover, and the counts; as a source calls the framer. */
function frame(framer: Framer, text: string, final = false, continued = false) {
  const bytes = Buffer.from(text);
  const framed = framer.frame({ bytes, from: 0, to: bytes.length, continued, final });
  const entries = Array.from({ length: framed.count }, (_, i) => ({
    text: (framed.bytes ?? bytes).toString('utf8', framed.starts[i], framed.ends[i]),
    range: bytes.toString('utf8', framed.rangeStarts[i], framed.rangeEnds[i]),
    marks: Object.keys(framed.metadata?.[i] ?? {}).join(),
    stream: framed.streams?.[framed.streamOf?.[i] ?? 0]?.['stream'],
    time: framed.timestamps?.[i],
  }));
  return { entries, texts: entries.map((entry) => entry.text), lines: framed.lines, consumed: framed.consumed };
}

/** Entries of a text that comes in two pieces, what was not consumed of the first in front of the second; for every place of the cut. */
function inTwoPieces(framer: Framer, text: string): string[][] {
  return Array.from({ length: text.length + 1 }, (_, cut) => {
    const first = frame(framer, text.slice(0, cut));
    const second = frame(framer, text.slice(first.consumed), true);
    expect([...first.entries, ...second.entries].map(({ range }) => range).join('')).toBe(text);
    return [...first.texts, ...second.texts];
  });
}

describe('lines', () => {
  it('end with LF or CRLF; the last one waits until it is final, and the rest of it is marked', () => {
    expect(frame(lineFramer, 'a\r\n\n\0b\nc')).toMatchObject({ texts: ['a', '', '\0b'], lines: 3, consumed: 7 });
    expect(frame(lineFramer, 'a\nc', true)).toMatchObject({ texts: ['a', 'c'], lines: 2, consumed: 3 });
    const rest = frame(lineFramer, 'd\ne\n', false, true);
    expect(rest).toMatchObject({
      lines: 1,
      entries: [
        { text: 'd', marks: 'continued' },
        { text: 'e', marks: '' },
      ],
    });
  });

  it('are cut where they are too long', () => {
    const { entries, lines } = frame(lineFramer, `${'x'.repeat(2 * MAX_LINE_BYTES + 1)}\ny\n`);
    expect(entries.map(({ text, marks }) => [text.length, marks])).toEqual([
      [MAX_LINE_BYTES, 'cut'],
      [MAX_LINE_BYTES, 'continued,cut'],
      [1, 'continued'],
      [1, ''],
    ]);
    expect(lines).toBe(2);
  });
});

describe('several lines', () => {
  const trace = 'ERROR a\n  at b\n\tat c\nINFO d\n';

  it('are one entry from each line that begins one on, however the pieces are cut', () => {
    const framer = multilineFramer({ kind: 'start', matches: (line) => /^[A-Z]+ /.test(line) });
    expect(frame(framer, trace)).toMatchObject({ texts: ['ERROR a\n  at b\n\tat c'], lines: 3, consumed: 21 });
    for (const texts of inTwoPieces(framer, trace)) expect(texts).toEqual(['ERROR a\n  at b\n\tat c', 'INFO d']);
  });

  it('are one where they are indented, or up to the line that ends one', () => {
    for (const texts of inTwoPieces(multilineFramer({ kind: 'indent' }), trace)) {
      expect(texts).toEqual(['ERROR a\n  at b\n\tat c', 'INFO d']);
    }
    const upTo = multilineFramer({ kind: 'end', matches: (line) => line.endsWith(';') });
    expect(frame(upTo, 'SELECT\n1;\nCOMMIT;\nSELECT\n')).toMatchObject({ texts: ['SELECT\n1;', 'COMMIT;'], lines: 3 });
  });

  it('are not more than a thousand, nor longer than a line may be', () => {
    const framer = multilineFramer({ kind: 'indent' });
    expect(frame(framer, `a\n${' b\n'.repeat(1500)}`, true).texts.map((text) => text.split('\n').length)).toEqual([
      1000, 501,
    ]);
    const long = ` ${'b'.repeat(MAX_LINE_BYTES / 2)}\n`;
    expect(frame(framer, `a\n${long}${long}`, true).texts).toHaveLength(2);
  });
});

describe("Docker's records", () => {
  const record = (log: string, stream = 'stdout') =>
    `${JSON.stringify({ log, stream, time: '2026-11-26T17:00:00.000000001Z' })}\n`;
  const text = `${record('one\n')}${record('tw')}${record('o\r\n')}${record('bad\n', 'stderr')}`;

  it('are entries with time and stream; those of one line are one, however the pieces are cut', () => {
    const { entries, lines } = frame(dockerFramer, text);
    const time = BigInt(Date.UTC(2026, 10, 26, 17)) * 1_000_000n + 1n;
    expect(entries.map((entry) => [entry.text, entry.stream, entry.time])).toEqual([
      ['one', 'stdout', time],
      ['two', 'stdout', time],
      ['bad', 'stderr', time],
    ]);
    expect(lines).toBe(4);
    for (const texts of inTwoPieces(dockerFramer, record('tw') + record('o\n'))) expect(texts).toEqual(['two']);
  });

  it('have no time where theirs is none that an entry can have', () => {
    const late = JSON.stringify({ log: 'late\n', stream: 'stdout', time: '9999-12-31T23:59:59.9Z' });
    expect(frame(dockerFramer, `${late}\n`).entries[0]?.time).toBe(0n);
  });

  it('wait for their end, are cut by the other stream, and are taken as they are where they are none', () => {
    expect(frame(dockerFramer, record('half'))).toMatchObject({ texts: [], lines: 0, consumed: 0 });
    expect(frame(dockerFramer, record('half'), true)).toMatchObject({ texts: ['half'], lines: 1 });
    const mixed = frame(dockerFramer, `${record('ha')}${record('other\n', 'stderr')}{"log":1}\nplain\n`);
    expect(mixed.entries.map((entry) => [entry.text, entry.marks, entry.stream])).toEqual([
      ['ha', 'cut', 'stdout'],
      ['other', '', 'stderr'],
      ['{"log":1}', '', undefined],
      ['plain', '', undefined],
    ]);
  });
});

import { expect, test } from 'vitest';
import { byteStringOf } from '../../../../src/blocks/kv/bytes.js';
import { decodeBytes, encodeBytes } from '../../../../src/blocks/kv/report/encoded-bytes.js';
import { readRecordLines } from '../../../../src/blocks/kv/report/lines.js';
import { decodeRecord, encodeRecord, type KeyRecord } from '../../../../src/blocks/kv/report/records.js';

const ALL_BYTES = byteStringOf(Buffer.from(Array.from({ length: 256 }, (_, i) => i)));

test.each([
  ['', ''],
  ['hello', 'hello'],
  ['\xc3\xbc', 'ü'],
  ['\xff', { base64: '/w==' }],
  ['\xef\xbf\xbd', '\ufffd'],
])('%j is %j in JSON, and back', (bytes, encoded) => {
  expect(encodeBytes(bytes)).toEqual(encoded);
  expect(decodeBytes(encoded)).toBe(bytes);
});

test.each([undefined, null, 1, {}, { base64: 1 }, { base64: 'a' }, { base64: '====' }, '\ud800'])(
  '%j is nothing that bytes are encoded as',
  (value) => expect(decodeBytes(value)).toBeUndefined(),
);

test.each<KeyRecord>([
  { key: 'k', type: 'string', parts: [ALL_BYTES], continues: false },
  { key: ALL_BYTES, type: 'list', parts: ['a', ALL_BYTES], continues: true, expiresAt: 1_900_000_000_123 },
  { key: '', type: 'set', parts: [''], continues: false },
  { key: 'h', type: 'hash', parts: ['f', '', ALL_BYTES, ALL_BYTES], continues: false },
  { key: 'z', type: 'zset', parts: ['a', '0.1', 'b', '-inf', 'c', 'inf', 'd', '-0.5'], continues: false },
])('$type comes back as it was', (record) => {
  expect(decodeRecord(JSON.stringify(encodeRecord(record)), 1)).toEqual(record);
});

test.each([
  '[]',
  'null',
  '1',
  '{}',
  '{"key":"k"}',
  '{"key":"k","type":"list","elements":[]}',
  '{"key":"k","type":"hash","elements":[["f"]]}',
])('refuses %s by its line', (line) => {
  expect(() => decodeRecord(line, 7)).toThrow(expect.objectContaining({ code: 'kv.bad_record', details: { line: 7 } }));
});

test('lines are cut wherever the chunks end', async () => {
  const text = 'a\n\nüü\nlast';
  const lines: string[] = [];
  const chunks = async function* () {
    for (const byte of Buffer.from(text)) yield Uint8Array.of(byte);
  };
  for await (const line of readRecordLines(chunks())) lines.push(line);
  expect(lines).toEqual(['a', '', 'üü', 'last']);
});

test('a line without an end does not fill the memory', async () => {
  const chunk = new Uint8Array(1024 * 1024).fill(97);
  const endless = async function* () {
    for (;;) yield chunk;
  };
  await expect(readRecordLines(endless()).next()).rejects.toMatchObject({ code: 'kv.bad_record' });
});

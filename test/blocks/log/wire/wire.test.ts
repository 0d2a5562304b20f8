/** What senders push, decoded: bytes captured from real clients, the forms by hand, and all of it mutated. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineText, streamOf } from '../../../../src/blocks/log/entry-batch.js';
import { makeLabels } from '../../../../src/blocks/log/labels.js';
import { decodeBulk } from '../../../../src/blocks/log/wire/elasticsearch-bulk.js';
import type { Decoded } from '../../../../src/blocks/log/wire/intake.js';
import { parseLabelText } from '../../../../src/blocks/log/wire/label-text.js';
import { LARGEST_UNPACKED, LONGEST_LINE, MOST_ENTRIES, MOST_LABELS } from '../../../../src/blocks/log/wire/limits.js';
import { decodeLokiJson } from '../../../../src/blocks/log/wire/loki-json.js';
import { decodeLokiProtobuf } from '../../../../src/blocks/log/wire/loki-protobuf.js';
import { decodeNdjson, decodeTextLines } from '../../../../src/blocks/log/wire/ndjson.js';
import { decodeOtlpJson } from '../../../../src/blocks/log/wire/otlp-json.js';
import { decodeOtlpProtobuf } from '../../../../src/blocks/log/wire/otlp-protobuf.js';
import { unpackSnappy } from '../../../../src/blocks/log/wire/snappy.js';
import { readEntryTime, readTime } from '../../../../src/blocks/log/wire/time-text.js';
import { unpackBody } from '../../../../src/blocks/log/wire/unpack.js';
import { DsError } from '../../../../src/platform/errors.js';
import { mutated, seededNumbers } from '../../../helpers/mutate.js';

/** winston-loki 6.1.7, protobufjs and Google's Snappy. */
const WINSTON = Buffer.from(
  '4QHwRgreAQofe2xldmVsPSJpbmZvIixhcHA9InNob3AgXCJ4XCIifRJLCgsIgOLPqgYQlZrvOhI8R0VUIC9jYXJ0IDIwMCBhYWFhpgMAGBJuCggIgeIBTRgAEmJHRVQgCUoQNDA0IEcVDgFY/g4ACQ4=',
  'base64',
);
/** @opentelemetry/otlp-transformer 0.208: one record with attributes of each kind. */
const OTLP = Buffer.from(
  'CvkBCi4KFgoMc2VydmljZS5uYW1lEgYKBHNob3AKEgoJaG9zdC5hcmNoEgUKA2FybRAAEsYBCgoKA2xpYhIDMS4wErcBCQUAKjb+nJcXEAkaBElORk8qBwoFaGVsbG8yEgoKaHR0cC5yb3V0ZRIECgIvYTIHCgFuEgIYBTIxCgZuZXN0ZWQSJzIlChEKAWESDDIKCggKAWISAwoBYwoQCgFsEgsqCQoCGAEKAwoBeDIQCgNiaWcSCSEAAAAAAAD4PzIJCgN5ZXMSAhABOABFAQAAAEoQASNFZ4mrze8BI0VniavN71IIASNFZ4mrze9ZBsrEcf6clxdiAmV2',
  'base64',
);
const OTLP_JSON =
  '{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"host.arch","value":{"stringValue":"arm"}}],"droppedAttributesCount":0},"scopeLogs":[{"scope":{"name":"lib","version":"1.0"},"logRecords":[{"timeUnixNano":"1700000000000000005","observedTimeUnixNano":"1700000001000000006","severityNumber":9,"severityText":"INFO","body":{"stringValue":"hello"},"eventName":"ev","attributes":[{"key":"http.route","value":{"stringValue":"/a"}},{"key":"n","value":{"intValue":5}},{"key":"nested","value":{"kvlistValue":{"values":[{"key":"a","value":{"kvlistValue":{"values":[{"key":"b","value":{"stringValue":"c"}}]}}},{"key":"l","value":{"arrayValue":{"values":[{"intValue":1},{"stringValue":"x"}]}}}]}}},{"key":"big","value":{"doubleValue":1.5}},{"key":"yes","value":{"boolValue":true}}],"droppedAttributesCount":0,"flags":1,"traceId":"0123456789ABCDEF0123456789ABCDEF","spanId":"0123456789abcdef"}]}]}]}';
const NOW = 1_800_000_000_000_000_000n;

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const ndjson = (...values: readonly unknown[]) => Buffer.from(values.map((value) => JSON.stringify(value)).join('\n'));

/** Each entry as [timestamp, line, labels, metadata]. */
function entries({ batch }: Decoded) {
  return Array.from({ length: batch.count }, (_, i) => [
    batch.timestamps[i],
    lineText(batch, i),
    { ...streamOf(batch, i) },
    ...(batch.metadata?.[i] === undefined ? [] : [{ ...batch.metadata[i] }]),
  ]);
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'done';
  } catch (error) {
    if (error instanceof DsError) return error.code;
    throw error;
  }
}

test("Loki's push in JSON: nanoseconds as text, structured metadata, names that are no names of labels", () => {
  const push = {
    streams: [
      { stream: { app: 'shop', 'my-label': 'x' }, values: [['1700000000000000001', 'a\nb "é"', { id: 'u1', n: 7 }]] },
      { stream: { 'my-label': 'x', app: 'shop' }, values: [['1700000000000000000', '']] },
    ],
  };
  const decoded = decodeLokiJson(json(push));
  const stream = { app: 'shop', my_label: 'x' };
  expect(entries(decoded)).toEqual([
    [1700000000000000001n, 'a\nb "é"', stream, { id: 'u1', n: '7' }],
    [1700000000000000000n, '', stream],
  ]);
  expect(decoded.batch.streams).toHaveLength(1);
});

test('what is beyond the bounds is refused by itself, with the reason; the rest of the push is taken', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`l${i}`, 'x']));
  const decoded = decodeLokiJson(
    json({
      streams: [
        {
          stream: many,
          values: [
            ['1', 'x'],
            ['2', 'y'],
          ],
        },
        { stream: {}, values: [['1', 'x']] },
        { stream: { a: 'b'.repeat(3000) }, values: [['1', 'x']] },
        { stream: Object.fromEntries([...'abcde'].map((name) => [name, 'x'.repeat(2000)])), values: [['1', 'x']] },
        {
          stream: { a: 'b' },
          values: [
            ['1', 'x'.repeat(LONGEST_LINE + 1)],
            ['1', 'z', many],
            ['1', 'ok'],
            ['9'.repeat(19), 'late'],
          ],
        },
      ],
    }),
  );
  expect(entries(decoded)).toEqual([[1n, 'ok', { a: 'b' }]]);
  expect(Object.fromEntries(decoded.refusals.byReason)).toEqual({
    too_many_labels: 2,
    missing_labels: 1,
    label_value_too_long: 1,
    labels_too_large: 1,
    line_too_long: 1,
    too_much_metadata: 1,
    bad_timestamp: 1,
  });
  expect(decoded.refusals.describe(1)).toBe(
    `8 of 9 entries were refused, the others are stored: a stream has more than ${MOST_LABELS} labels`,
  );
});

test('labels named like what objects inherit are labels', () => {
  const body = Buffer.from(
    '{"streams":[{"stream":{"__proto__":"a","constructor":"b"},"values":[["1","x",{"__proto__":"m"}]]}]}',
  );
  const { batch } = decodeLokiJson(body);
  expect(Object.entries(streamOf(batch, 0))).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
  expect(Object.entries(batch.metadata?.[0] ?? {})).toEqual([['__proto__', 'm']]);
});

test.each([
  ['{"streams":[{"stream":{"a":"b"},"values":[[1700000000000000001,"x"]]}]}', /timestamp 1700000000000000000/],
  ['{"streams":[{"stream":{"a":"b"},"values":[[123,"x"]]}]}', /timestamp 123 is not a text/],
  ['{"streams":[{"stream":{"a":"b"},"values":[["1",2]]}]}', /a line is not a text/],
  ['{"streams":[{"stream":{"a":{}},"values":[]}]}', /labels of stream 1/],
  ['{"streams":{}}', /streams is not a list/],
  ['[]', /not an object with streams/],
  ['{"streams', /not JSON/],
])('the push %s is refused as a whole', (body, message) => {
  expect(() => decodeLokiJson(Buffer.from(body))).toThrow(message);
});

test('timestamps in milliseconds are refused entry by entry, and lines that are no JSON by their number', () => {
  const values = (space: string) =>
    `{"streams":[${space}{"stream":{"a":"b"},"values":[["1700000000000","x"],["1700000000000000000","y"],["7","z"]]}]}`;
  for (const space of ['', ' ']) {
    const { batch, refusals } = decodeLokiJson(Buffer.from(values(space)));
    expect([batch.count, [...refusals.byReason]]).toEqual([2, [['bad_timestamp', 1]]]);
    expect(refusals.first).toMatch(/^the timestamp "1700000000000" is too small for nanoseconds/);
  }
  const { refusals } = decodeNdjson(Buffer.from('{"a":1}\n\nnope\n'), makeLabels([['a', 'b']]), 1n);
  expect(refusals.first).toMatch(/^line 3: it is not JSON/);
});

test("winston-loki's protobuf by Google's Snappy", () => {
  const decoded = decodeLokiProtobuf(unpackSnappy(WINSTON, LARGEST_UNPACKED));
  const stream = { app: 'shop "x"', level: 'info' };
  expect(entries(decoded)).toEqual([
    [1700000000123456789n, `GET /cart 200 ${'a'.repeat(46)}`, stream],
    [1700000001000000000n, `GET /cart 404 ${'GET /cart 200 '.repeat(6)}`, stream],
  ]);
});

test('labels as text: quotes, escapes, backticks; and where they are wrong', () => {
  expect({ ...parseLabelText('{a="x\\n\\"\\u00e9\\x41", b=`\\n`,}') }).toEqual({ a: 'x\n"éA', b: '\\n' });
  expect({ ...parseLabelText('{}') }).toEqual({});
  for (const wrong of [
    '',
    '{',
    'a="b"',
    '{a=b}',
    '{a="b"',
    '{a="b" c="d"}',
    '{a="\\q"}',
    '{a="b"} ',
    '{a="\\uD8"}',
    '{="x"}',
    '{a="\\U11111111"}',
  ]) {
    const code = codeOf(() => parseLabelText(wrong));
    expect([wrong, code]).toEqual([wrong, wrong === '{a="b"} ' ? 'done' : 'log.bad_body']);
  }
});

test("OpenTelemetry's records: the same from protobuf and from JSON, mapped as Loki maps them", () => {
  const expected = [
    1700000000000000005n,
    'hello',
    { service_name: 'shop' },
    {
      host_arch: 'arm',
      scope_name: 'lib',
      scope_version: '1.0',
      http_route: '/a',
      n: '5',
      nested_a_b: 'c',
      nested_l: '[1,"x"]',
      big: '1.5',
      yes: 'true',
      observed_timestamp: '1700000001000000006',
      severity_number: '9',
      severity_text: 'INFO',
      level: 'info',
      flags: '1',
      event_name: 'ev',
      trace_id: '0123456789abcdef0123456789abcdef',
      span_id: '0123456789abcdef',
    },
  ];
  expect(entries(decodeOtlpProtobuf(OTLP, NOW))).toEqual([expected]);
  expect(entries(decodeOtlpJson(Buffer.from(OTLP_JSON), NOW))).toEqual([expected]);
});

test('a record without time and resource has that of arrival, and an unknown service; a body that is no text is JSON', () => {
  const body = { kvlistValue: { values: [{ key: 'a', value: { intValue: '9007199254740993' } }] } };
  const decoded = decodeOtlpJson(json({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }] }] }] }), NOW);
  expect(entries(decoded)).toEqual([[NOW, '{"a":"9007199254740993"}', { service_name: 'unknown_service' }, {}]]);
});

test('nesting is bounded in both forms of OTLP', () => {
  let value: unknown = { stringValue: 'x' };
  for (let i = 0; i < 100; i++) value = { arrayValue: { values: [value] } };
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: value }] }] }] };
  expect(codeOf(() => decodeOtlpJson(json(request), NOW))).toBe('log.bad_body');
  // AnyValue within ArrayValue within AnyValue …, each a field of length-delimited bytes.
  let bytes = Buffer.from([0x0a, 0x01, 0x78]);
  const field = (number: number, content: Buffer) =>
    Buffer.concat([Buffer.from([number * 8 + 2, 0x80 | (content.length & 0x7f), content.length >> 7]), content]);
  for (let i = 0; i < 100; i++) bytes = field(5, field(1, bytes));
  const wrapped = field(1, field(2, field(2, field(5, bytes))));
  expect(() => decodeOtlpProtobuf(wrapped, NOW)).toThrow(/nested more than/);
});

test('_bulk: documents become lines with labels and metadata; each item has its own outcome', () => {
  const decoded = decodeBulk(
    ndjson(
      { create: { _index: 'logs', _id: '1' } },
      {
        '@timestamp': '2026-01-31T12:00:00.123456789Z',
        message: 'GET /a',
        log: { level: 'WARN' },
        host: { name: 'w1' },
        n: 5,
      },
      { delete: { _id: '1' } },
      { index: {} },
      { time: 1_769_860_800_123, app: 'shop', user: { id: 7 } },
      { update: { _id: '1' } },
      { doc: { a: 1 } },
      { create: {} },
      ['x'],
    ),
    'usual',
    { now: NOW },
  );
  expect(entries(decoded)).toEqual([
    [
      1769860800123456789n,
      'GET /a',
      { host: 'w1', index: 'logs' },
      { level: 'warn', log_level: 'WARN', host_name: 'w1', n: '5' },
    ],
    [1769860800123000000n, '{"time":1769860800123,"app":"shop","user":{"id":7}}', { app: 'shop', index: 'usual' }, {}],
  ]);
  expect(decoded.items.map(({ action, index, id, error }) => [action, index, id, error?.type])).toEqual([
    ['create', 'logs', '1', undefined],
    ['delete', 'usual', '1', 'illegal_argument_exception'],
    ['index', 'usual', undefined, undefined],
    ['update', 'usual', '1', 'illegal_argument_exception'],
    ['create', 'usual', undefined, 'document_parsing_exception'],
  ]);
  const deep = Buffer.from(`{"create":{}}\n{"message":"m","a":${'['.repeat(200_000)}${']'.repeat(200_000)}}\n`);
  expect(decodeBulk(deep, 'i', { now: NOW }).items[0]?.error?.reason).toMatch(/nested more than 128 deep/);
  for (const wrong of ['{"create":{"_index":"a"}}', '{"x":{}}\n{}', '{"create":1}\n{}', 'x'])
    expect(codeOf(() => decodeBulk(Buffer.from(wrong), 'a', { now: NOW }))).toBe('log.bad_body');
});

test('_bulk of our own sink: labels are those of the stream again, and fields that are called like labels stay fields', () => {
  const labels = { job: 'shop', filename: '/var/log/shop.log' };
  const document = { host: 'field', trace_id: 'f3', '@timestamp': '2026-01-31T12:00:00Z', message: 'GET /a', labels };
  const body = ndjson({ create: { _id: 'a-0' } }, document);
  const [own] = entries(decodeBulk(body, 'logs', { now: NOW, ownLabels: true }));
  expect(own?.slice(1)).toEqual(['GET /a', { ...labels, index: 'logs' }, { host: 'field', trace_id: 'f3' }]);
  const [other] = entries(decodeBulk(body, 'logs', { now: NOW }));
  expect(other?.[2]).toEqual({ host: 'field', index: 'logs' });
});

test('NDJSON: envelopes, objects that are the line, text; lines that are neither are refused by themselves', () => {
  const body = Buffer.from(
    '{"timestamp":"2026-01-31T12:00:00Z","line":"GET /a","labels":{"app":"x","job":"j"},"metadata":{"id":"1"}}\r\n\n{"time":1769860800, "msg":"b"}\n[1]\nplain',
  );
  const given = makeLabels([['app', 'shop']]);
  const decoded = decodeNdjson(body, given, NOW);
  expect(entries(decoded)).toEqual([
    [1769860800000000000n, 'GET /a', { app: 'shop', job: 'j' }, { id: '1' }],
    [1769860800000000000n, '{"time":1769860800, "msg":"b"}', { app: 'shop' }],
  ]);
  expect(decoded.refusals.total).toBe(2);
  expect(entries(decodeTextLines(Buffer.from('a\r\n\nb'), given, NOW)).map(([, line]) => line)).toEqual(['a', 'b']);
});

test('a push in the usual form is read where it lies, and as JSON.parse would have it', () => {
  const text = fc
    .array(fc.oneof(fc.constantFrom('"', '\\', '\n', 'é', '😀', '\u0001', '}', '],['), fc.string()), { maxLength: 8 })
    .map((parts) => parts.join(''));
  const value = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String), text);
  const labels = fc.dictionary(
    fc.constantFrom('app', 'host', 'x'),
    text.map((of) => `v${of}`),
    { minKeys: 1 },
  );
  const streams = fc.array(fc.record({ stream: labels, values: fc.array(value, { maxLength: 5 }) }), { maxLength: 3 });
  fc.assert(
    fc.property(streams, fc.boolean(), (push, escapes) => {
      const plain = JSON.stringify({ streams: push });
      const body = escapes
        ? plain.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        : plain;
      // A space is enough to have it parsed.
      const [scanned, parsed] = [body, ` ${body}`].map((of) => decodeLokiJson(Buffer.from(of)));
      expect(scanned && entries(scanned)).toEqual(parsed && entries(parsed));
    }),
    { numRuns: 150 },
  );
});

test('JSON that only keeps a parser busy is refused before it is parsed; brackets within texts are none', () => {
  const push = (line: string) => Buffer.from(`{"streams":[{"stream":{"a":"b"},"values":[["1",${line}]]}]}`);
  expect(() => decodeLokiJson(push('['.repeat(70_000)))).toThrow(/nested more than 128 deep/);
  expect(() => decodeLokiJson(push(`${'{},'.repeat(1_000_000)}{}`))).toThrow(/more than 1000000 objects/);
  const line = `${'\\\\"[{'.repeat(20_000)}\\`;
  expect(lineText(decodeLokiJson(push(JSON.stringify(line))).batch, 0)).toBe(line);
});

test('times as documents have them', () => {
  expect(readTime('2026-01-31T13:00:00,5+01:00')).toBe(1769860800500000000n);
  expect(readTime('2026-01-31 12:00:00')).toBe(1769860800000000000n);
  expect([1769860800, 1769860800000, '1769860800000000', '1769860800000000000'].map(readTime)).toEqual(
    Array(4).fill(1769860800000000000n),
  );
  expect(readTime(1769860800.25)).toBe(1769860800250000000n);
  for (const none of ['yesterday', '2026-13-01T00:00:00Z', null, {}, Number.NaN, 1e300])
    expect(readTime(none)).toBe(undefined);
  expect(['9999-12-31T23:59:59Z', '9223372036854775807', '9223372036854775806'].map(readEntryTime)).toEqual([
    undefined,
    undefined,
    9223372036854775806n,
  ]);
});

test('entries of a request are bounded, before work is done on them', () => {
  const field = (number: number, content: Buffer) => {
    const { length } = content;
    const size = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, ((length >> 14) & 0x7f) | 0x80, length >> 21];
    return Buffer.concat([Buffer.from([number * 8 + 2, ...size]), content]);
  };
  const empty = (number: number, count: number) => Buffer.alloc(count * 2, Buffer.from([number * 8 + 2, 0]));
  const given = makeLabels([['a', 'b']]);
  const many = MOST_ENTRIES + 1;
  const started = process.cpuUsage();
  for (const decode of [
    () => decodeOtlpProtobuf(field(1, field(2, empty(2, many))), NOW),
    () => decodeOtlpProtobuf(field(1, field(2, field(2, empty(6, 1_000_001)))), NOW),
    () => decodeLokiProtobuf(field(1, empty(2, many))),
    () =>
      decodeLokiJson(Buffer.from(`{"streams":[{"stream":{"a":"b"},"values":[${'["1",""],'.repeat(many)}["1",""]]}]}`)),
    () => decodeLokiJson(Buffer.from(`{"streams":[{"values":[${'["1",""],'.repeat(many)}["1",""]]}]}`)),
    () => decodeTextLines(Buffer.from('a\n'.repeat(many)), given, NOW),
    () => decodeNdjson(Buffer.from('{}\n'.repeat(many)), given, NOW),
    () => decodeBulk(Buffer.from('{"index":{}}\n{}\n'.repeat(many)), 'i', { now: NOW }),
  ])
    expect(codeOf(decode)).toBe('log.too_large');
  // 4,000 names that are cleaned to the same one: each compared with all before would be 8 million comparisons.
  const names = Object.fromEntries(Array.from({ length: 4_000 }, (_, i) => [String.fromCharCode(0x4e00 + i), i]));
  const [entry] = entries(decodeBulk(ndjson({ create: {} }, { message: 'm', ...names }), 'i', { now: NOW }));
  expect(entry?.[1]).toMatch(/^{"message":"m"/);
  expect(process.cpuUsage(started).user).toBeLessThan(5e6);
});

test('bombs are refused by what they promise, before they are unpacked', async () => {
  const promises = (length: number) => {
    const bytes: number[] = [];
    for (; length >= 128; length = Math.floor(length / 128)) bytes.push((length % 128) | 0x80);
    return Buffer.from([...bytes, length, 0x00, 0x61]);
  };
  expect(() => unpackSnappy(promises(1e12), LARGEST_UNPACKED)).toThrow(/begins with no length/);
  expect(() => unpackSnappy(promises(2 ** 32 - 1), LARGEST_UNPACKED)).toThrow(/more than 33554432/);
  expect(() => unpackSnappy(promises(30_000_000), LARGEST_UNPACKED)).toThrow(/cannot become/);
  const bomb = gzipSync(Buffer.alloc(1000_000));
  await expect(unpackBody(bomb, 'gzip', 999_999)).rejects.toThrow(/says that it is 1000000 bytes/);
  const lying = Buffer.from(bomb);
  lying.writeUInt32LE(5, lying.length - 4);
  await expect(unpackBody(lying, 'gzip', 500_000)).rejects.toThrow(/more than 500000 bytes/);
  await expect(unpackBody(bomb.subarray(0, 50), 'gzip', 1e6)).rejects.toThrow(/damaged/);
  await expect(unpackBody(bomb, 'br', 1e6)).rejects.toThrow(/"br" is none of/);
  expect(await unpackBody(bomb, 'gzip', 1e6)).toHaveLength(1e6);
});

/** Snappy as simply as it can be written: copies where the last bytes repeat, literals otherwise. */
function packSnappy(bytes: Buffer): Buffer {
  const out: number[] = [];
  for (let length = bytes.length; ; length >>>= 7) {
    out.push(length < 128 ? length : (length & 0x7f) | 0x80);
    if (length < 128) break;
  }
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    const from = at === 0 ? -1 : bytes.lastIndexOf(byte, at - 1);
    let length = 0;
    while (from >= 0 && length < 64 && at + length < bytes.length && bytes[from + length] === bytes[at + length])
      length++;
    if (length >= 4 && length <= 11 && at - from < 2048)
      out.push((((at - from) >> 8) << 5) | ((length - 4) << 2) | 1, (at - from) & 0xff);
    else if (length > 0 && at - from < 65536) out.push(((length - 1) << 2) | 2, (at - from) & 0xff, (at - from) >> 8);
    else out.push(0, byte);
    at += Math.max(1, length);
  }
  return Buffer.from(out);
}

test('Snappy: whatever is packed comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('GET ', '/a', 'x', '\n', 'é'), { maxLength: 300 }), (words) => {
      const bytes = Buffer.from(words.join(''));
      expect(unpackSnappy(packSnappy(bytes), bytes.length).equals(bytes)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('mutated bodies are decoded or refused, and nothing else happens', () => {
  const random = seededNumbers(7);
  const push = json({ streams: [{ stream: { a: 'b' }, values: [['1', 'x', { c: 'd' }]] }] });
  const bulk = ndjson(
    { create: { _index: 'a' } },
    { message: 'x', '@timestamp': '2026-01-31T12:00:00Z', o: { p: [1] } },
  );
  const protobuf = unpackSnappy(WINSTON, LARGEST_UNPACKED);
  const decoders: readonly (readonly [Buffer, (bytes: Buffer) => unknown])[] = [
    [WINSTON, (bytes) => unpackSnappy(bytes, LARGEST_UNPACKED)],
    [protobuf, decodeLokiProtobuf],
    [push, decodeLokiJson],
    [OTLP, (bytes) => decodeOtlpProtobuf(bytes, NOW)],
    [Buffer.from(OTLP_JSON), (bytes) => decodeOtlpJson(bytes, NOW)],
    [bulk, (bytes) => decodeBulk(bytes, undefined, { now: NOW })],
    [bulk, (bytes) => decodeNdjson(bytes, makeLabels([['a', 'b']]), NOW)],
  ];
  const outcomes = new Set<string>();
  for (const [bytes, decode] of decoders) {
    for (let i = 0; i < 1500; i++) outcomes.add(codeOf(() => decode(mutated([bytes, push, OTLP], random))));
  }
  expect([...outcomes].sort()).toEqual(['done', 'log.bad_body', 'log.too_large']);
});

import { describe, expect, test } from 'vitest';
import { formatMessage, octetCounted } from '../../../../src/blocks/log/syslog/format.js';
import { SyslogMessage } from '../../../../src/blocks/log/syslog/message.js';
import { nowOf } from '../../../../src/blocks/log/transform/timestamp/epoch.js';
import { readZoneName } from '../../../../src/blocks/log/transform/timestamp/zone.js';

const AT = nowOf(Date.parse('2026-03-01T12:00:00Z') / 1000);

function read(text: string | Buffer, zone = 'UTC') {
  const message = new SyslogMessage(readZoneName(zone));
  // Within a larger buffer: what stands around it is not of it.
  const inner = Buffer.from(text);
  const bytes = Buffer.concat([Buffer.from('<1>1 [x'), inner, Buffer.from(' y: z="]')]);
  message.read(bytes, 7, 7 + inner.length, AT);
  return {
    priority: message.priority,
    format: message.format,
    time: message.timestamp === undefined ? undefined : new Date(Number(message.timestamp / 1_000_000n)).toISOString(),
    host: message.host,
    app: message.app,
    pid: message.processId,
    id: message.messageId,
    data: message.data && { ...message.data },
    text: bytes.toString('utf8', message.start, message.end),
  };
}

describe('RFC 5424', () => {
  test.each([
    // The examples of section 6.5.
    [
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed",
      {
        priority: 34,
        time: '2003-10-11T22:14:15.003Z',
        host: 'mymachine.example.com',
        app: 'su',
        id: 'ID47',
        text: "'su root' failed",
      },
    ],
    [
      "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
      {
        time: '2003-08-24T12:14:15.000Z',
        host: '192.0.2.1',
        app: 'myproc',
        pid: '8710',
        text: "%% It's time to make the do-nuts.",
      },
    ],
    [
      '<165>1 2003-10-11T22:14:15.003Z m evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="App\\"l\\]\\\\"][b@1 c="d"] text',
      { data: { exampleSDID_32473_iut: '3', exampleSDID_32473_eventSource: 'App"l]\\', b_1_c: 'd' }, text: 'text' },
    ],
    ['<165>1 2003-10-11T22:14:15.003Z m evntslog - ID47 [exampleSDID@32473]', { data: undefined, text: '' }],
    ['<13>1 - - - - - -', { time: undefined, host: undefined, app: undefined, text: '' }],
    ['<13>1 - - - - - - text\n', { text: 'text' }],
    ['<13>1 1677-01-01T00:00:00Z h a - - - before 64 bits of nanoseconds', { time: undefined, host: 'h' }],
    // Leniently: structured data that is broken, or none at all, is text.
    ['<13>1 - h a - - [x y="z text', { format: 5424, host: 'h', data: undefined, text: '[x y="z text' }],
    ['<13>1 - h a - - text - more', { format: 5424, app: 'a', text: 'text - more' }],
  ])('%s', (text, expected) => {
    expect(read(text)).toMatchObject({ format: 5424, ...expected });
  });

  test('a header that is none is text, nothing is lost', () => {
    expect(read('<13>1 yesterday h a - - - text')).toMatchObject({ format: 0, text: '1 yesterday h a - - - text' });
    expect(read(`<13>1 - ${'h'.repeat(256)} a - - - text`)).toMatchObject({ format: 0, host: undefined });
    expect(read('<13>1 2003-10-11T22:14:15Z h a')).toMatchObject({ text: '1 2003-10-11T22:14:15Z h a' });
  });
});

describe('RFC 3164', () => {
  test.each([
    [
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
      { priority: 34, time: '2025-10-11T22:14:15.000Z', host: 'mymachine', app: 'su', text: "'su root' failed" },
    ],
    ['<13>Feb  5 17:32:18 10.0.0.99 sshd[230]: text', { host: '10.0.0.99', app: 'sshd', pid: '230', text: 'text' }],
    ['<13>Feb  5 17:32:18 su: without a host', { host: undefined, app: 'su', text: 'without a host' }],
    ['<13>Feb  5 17:32:18 fe80::1 postfix/smtpd[1]: x', { host: 'fe80::1', app: 'postfix/smtpd', text: 'x' }],
    [
      '<13>2026-02-05T17:32:18.5+01:00 web kernel: [1.5] x',
      { time: '2026-02-05T16:32:18.500Z', host: 'web', app: 'kernel', text: '[1.5] x' },
    ],
    ['<13>Feb  5 17:32:18 web a text without a tag', { host: 'web', app: undefined, text: 'a text without a tag' }],
    [
      '<189>Mar  1 2026 11:46:11: %SYS-5-CONFIG_I: Configured',
      { time: '2026-03-01T11:46:11.000Z', app: '%SYS-5-CONFIG_I', text: 'Configured' },
    ],
    ['<13>logger: no time', { time: undefined, app: 'logger', text: 'no time' }],
  ])('%s', (text, expected) => {
    expect(read(text)).toMatchObject({ format: 3164, ...expected });
  });

  test.each([
    ['text alone', 13, 'text alone'],
    ['<192>text', 13, '<192>text'],
    ['<>text', 13, '<>text'],
    ['<1234>text', 13, '<1234>text'],
    ['<13', 13, '<13'],
    ['<191>', 191, ''],
    ['', 13, ''],
    ['<13>http://x.example/ is down', 13, 'http://x.example/ is down'],
    ['<13>a\0b', 13, 'a\0b'],
  ])('%j is text', (text, priority, rest) => {
    expect(read(text)).toMatchObject({ format: 0, priority, text: rest });
  });

  test('time in the zone of the sender', () => {
    expect(read('<13>Feb  5 17:32:18 h a: x', 'Europe/Berlin').time).toBe('2026-02-05T16:32:18.000Z');
  });

  test('bytes that are no UTF-8 stay in the text', () => {
    expect(read(Buffer.from('<13>Feb  5 17:32:18 h a: \xff\xfe', 'latin1')).text).toBe('\ufffd\ufffd');
  });
});

test('what is written is read back', () => {
  const message = formatMessage({
    timestamp: BigInt(Date.parse('2026-03-01T12:00:00.123Z')) * 1_000_000n + 456_789n,
    line: Buffer.from('text with\nline end'),
    stream: { host: 'web 1', app: 'shop', facility: 'local3' },
    metadata: { level: 'warn', procid: '7', trace: 'a"b]\\c' },
  });
  expect(message.toString()).toBe(
    '<156>1 2026-03-01T12:00:00.123456Z web_1 shop 7 - [meta@32473 trace="a\\"b\\]\\\\c"] text with\nline end',
  );
  expect(read(message)).toMatchObject({
    priority: 156,
    host: 'web_1',
    data: { meta_32473_trace: 'a"b]\\c' },
    text: 'text with\nline end',
  });
  expect(octetCounted(Buffer.from('<1>é')).toString()).toBe('5 <1>é');
  const bare = formatMessage({ timestamp: -1n, line: Buffer.from('x'), stream: {} });
  expect(bare.toString()).toBe('<14>1 1969-12-31T23:59:59.999999Z - - - - - x');
});

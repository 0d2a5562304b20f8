import { expect, test } from 'vitest';
import { batchOf, fieldsOf, NOW, step } from './batches.js';

function parsed(spec: string, line: string | Uint8Array): Record<string, string> {
  const { batch } = step(spec).apply(batchOf({ line }), NOW);
  return fieldsOf(batch);
}

test.each([
  [
    '{"level":30,"msg":"a \\"b\\" \\u00e9","http":{"status":500,"id":12345678901234567890},"tags":["a",{"b":1}],"n":null,"ok":true}',
    {
      level: 'info',
      msg: 'a "b" é',
      http_status: '500',
      http_id: '12345678901234567890',
      tags: '["a",{"b":1}]',
      ok: 'true',
    },
  ],
  [
    '{"__proto__":"x","constructor":"y","a-b c":"z","1":"d"}',
    JSON.parse('{"__proto__":"x","constructor":"y","a_b_c":"z","_1":"d"}'),
  ],
  ['  { "a" : "" , "severity" : "WARNING" }  ', { a: '', severity: 'WARNING', level: 'warn' }],
  ['{"a":1', {}],
  ['{"a":1} trailing', {}],
  ['{"a":01}', {}],
  ['{"a":"\\x"}', {}],
  ['[1]', {}],
  ['no json', {}],
])('json: %s', (line, fields) => {
  expect(Object.entries(parsed('parse=json', line)).sort()).toEqual(Object.entries(fields).sort());
});

test.each([
  [
    'ts=1 level=warn msg="disk \\"sda\\" is full" retry empty= a.b=c',
    { ts: '1', level: 'warn', msg: 'disk "sda" is full', empty: '', a_b: 'c' },
  ],
  ['GET /x a=b', { a: 'b' }],
  ['plain text with "quotes" = and equals', {}],
])('logfmt: %s', (line, fields) => {
  expect(parsed('parse=logfmt', line)).toEqual(fields);
});

test('access logs of nginx and Apache', () => {
  const line =
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=\\"c\\" HTTP/1.1" 200 2326 "-" "Mozilla/4.08 [en]"';
  expect(parsed('parse=nginx', line)).toEqual({
    remote_addr: '127.0.0.1',
    remote_user: 'frank',
    method: 'GET',
    path: '/a?b=\\"c\\"',
    protocol: 'HTTP/1.1',
    status: '200',
    body_bytes_sent: '2326',
    http_user_agent: 'Mozilla/4.08 [en]',
  });
  expect(parsed('parse=apache', '::1 - - [10/Oct/2000:13:55:36 -0700] "\\x16\\x03" 400 -')).toEqual({
    remote_addr: '::1',
    request: '\\x16\\x03',
    status: '400',
  });
});

test('error logs of nginx and Apache', () => {
  const nginx =
    '2024/01/02 15:04:05 [error] 31#32: *1 open() "/x" failed (2: No such file), client: 10.0.0.1, server: _, request: "GET /x HTTP/1.1", host: "a"';
  expect(parsed('parse=nginx_error', nginx)).toEqual({
    level: 'error',
    pid: '31',
    tid: '32',
    connection: '1',
    client: '10.0.0.1',
    server: '_',
    method: 'GET',
    path: '/x',
    protocol: 'HTTP/1.1',
    host: 'a',
  });
  const apache = '[Sun Dec 04 04:47:44.1 2005] [core:warn] [pid 35:tid 4] [client 10.0.0.1:5] AH00037: x';
  expect(parsed('parse=apache_error', apache)).toEqual({
    module: 'core',
    level: 'warn',
    pid: '35',
    tid: '4',
    client: '10.0.0.1:5',
    error_code: 'AH00037',
  });
});

test('syslog, as it lies in a file', () => {
  expect(parsed('parse=syslog', 'Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure')).toEqual({
    hostname: 'combo',
    app: 'sshd(pam_unix)',
    procid: '19939',
  });
  expect(parsed('parse=syslog', '<34>1 2003-10-11T22:14:15.003Z host su - ID47 [x@1 a="b"] text')).toEqual({
    hostname: 'host',
    app: 'su',
    msgid: 'ID47',
    facility: 'auth',
    severity: 'crit',
    level: 'critical',
    x_1_a: 'b',
  });
});

test('named groups of a regular expression', () => {
  expect(parsed('parse=regex:^(?P<method>\\w+) (?P<path>\\S+)(?: (?P<none>x))?', 'GET /a ERROR')).toEqual({
    method: 'GET',
    path: '/a',
    level: 'error',
  });
});

test.each([
  [
    '%{IP:client} %{WORD:method} %{URIPATHPARAM:request} %{NUMBER:bytes:int}',
    '55.3.244.1 GET /index.html 15824',
    { client: '55.3.244.1', method: 'GET', request: '/index.html', bytes: '15824' },
  ],
  [
    '%{COMBINEDAPACHELOG}',
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "http://x/" "Mozilla"',
    {
      clientip: '127.0.0.1',
      ident: '-',
      auth: 'frank',
      timestamp: '10/Oct/2000:13:55:36 -0700',
      verb: 'GET',
      request: '/a',
      httpversion: '1.0',
      response: '200',
      bytes: '2326',
      referrer: '"http://x/"',
      agent: '"Mozilla"',
    },
  ],
  [
    '%{SYSLOGLINE}',
    'Jun 14 15:16:01 combo sshd[19939]: check pass',
    { timestamp: 'Jun 14 15:16:01', logsource: 'combo', program: 'sshd', pid: '19939', message: 'check pass' },
  ],
  [
    '%{TIMESTAMP_ISO8601:[event][created]} %{LOGLEVEL:level} (?P<rest>.*)',
    '2015-10-18 18:01:47,978 Warning x y',
    { event_created: '2015-10-18 18:01:47,978', level: 'warn', rest: 'x y' },
  ],
  [
    '%{IPV6:a} %{MAC:b} %{UUID:c} %{QS:d} %{HOSTPORT:e}',
    'fe80::1 00:1b:44:11:3a:b7 123e4567-e89b-12d3-a456-426614174000 "q \\" r" web-1.example:80',
    {
      a: 'fe80::1',
      b: '00:1b:44:11:3a:b7',
      c: '123e4567-e89b-12d3-a456-426614174000',
      d: '"q \\" r"',
      e: 'web-1.example:80',
    },
  ],
])('grok: %s', (pattern, line, fields) => {
  expect(parsed(`parse=grok:${pattern}`, line)).toEqual(fields);
});

test('every pattern of grok is one that RE2 takes', async () => {
  const { GROK_PATTERNS } = await import('../../../../src/blocks/log/transform/parse/grok-patterns.js');
  for (const name of GROK_PATTERNS.keys()) step(`parse=grok:%{${name}:x}`);
});

test('what grok would become too long by is refused', () => {
  const bomb = '%{COMBINEDAPACHELOG:a}'.repeat(60);
  expect(() => step(`parse=grok:${bomb}`)).toThrow(expect.objectContaining({ code: 'log.bad_pattern' }));
});

test('fields of one entry are bounded in number, in name and in size', () => {
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i])));
  expect(Object.keys(parsed('parse=json', many))).toHaveLength(128);
  const long = JSON.stringify({ a: 'x'.repeat(70_000), b: 'y', ['n'.repeat(100_000)]: 'z' });
  expect(parsed('parse=json', long)).toEqual({ b: 'y', ['n'.repeat(128)]: 'z' });
});

test('hostile lines end quickly', () => {
  const nested = '{"a":'.repeat(50_000);
  const before = process.cpuUsage().user;
  for (const [spec, line] of [
    ['json', nested],
    ['json', `{"a":${'['.repeat(100_000)}`],
    ['json', `{"${'\\"'.repeat(100_000)}`],
    ['logfmt', 'a="'.repeat(50_000)],
    ['logfmt', `a="${'\\'.repeat(100_001)}`],
    ['combined', '1 '.repeat(100_000)],
    ['combined', `1 - ${'a'.repeat(200_000)}`],
    ['combined', `1 - - [x] "${'\\"'.repeat(100_000)}`],
    ['nginx_error', `2024/01/02 15:04:05 [error] 1#1: ${', client: "'.repeat(20_000)}`],
    ['apache_error', `[Sun ${'a'.repeat(200_000)}`],
    ['syslog', `<34>1 2003-10-11T22:14:15Z a b c d ${'[x y="'.repeat(30_000)}`],
    ['regex:(?P<a>(a+)+)$', `${'a'.repeat(2000)}!`],
    ['grok:(?P<a>%{DATA}%{DATA}%{DATA}%{DATA})=$', 'x'.repeat(2000)],
  ] as const) {
    parsed(`parse=${spec}`, line);
  }
  expect(process.cpuUsage().user - before).toBeLessThan(4_000_000);
});

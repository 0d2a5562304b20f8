import { describe, expect, it } from 'vitest';
import { runLogQuery } from '../../../../src/blocks/log/logql/index.js';
import { entry, type MemoryEntry, MemorySource, noTotals } from './memory-source.js';

async function ask(query: string, entries: readonly MemoryEntry[]) {
  const request = { start: 0n, end: 10n ** 18n, direction: 'forward' as const, now: () => 1_700_000_000_000 };
  const found = [];
  for await (const one of runLogQuery(new MemorySource(entries), query, request, noTotals())) found.push(one);
  return found;
}

/** Lines of one stream `{app="shop"}`, one a second; the answer's lines. */
async function lines(stages: string, ...input: string[]): Promise<string[]> {
  const found = await ask(
    `{app="shop"} ${stages}`,
    input.map((line, i) => entry(i, line, { app: 'shop' })),
  );
  return found.map(({ line }) => line);
}

/** Labels that the stages give one line, but `app`. */
async function labels(
  stages: string,
  line: string,
  metadata?: Record<string, string>,
): Promise<Record<string, string> | undefined> {
  const [found] = await ask(`{app="shop"} ${stages}`, [entry(1, line, { app: 'shop' }, metadata)]);
  if (found === undefined) return undefined;
  const { app: _app, ...others } = { ...found.labels };
  return others;
}

describe('line filters', () => {
  it.each([
    ['|= "b"', 'abc b'],
    ['!= "b"', 'cde'],
    ['|= "a" or "d"', 'abc cde'],
    ['!= "a" or "d"', 'b'],
    ['|= "b" != "a"', 'b'],
    ['|~ "^.$"', 'b'],
    ['|~ "(?i)ABC|E"', 'abc cde'],
    ['!~ "b"', 'cde'],
    ['|= `` ', 'abc cde b'],
    ['|> "a<_>"', 'abc'],
    ['!> "<_>e"', 'abc b'],
    ['|> "<_>b<_>"', 'abc'],
  ])('%s', async (stages, expected) => {
    expect((await lines(stages, 'abc', 'cde', 'b')).join(' ')).toBe(expected);
  });

  it('finds addresses within ranges and networks, in lines and labels', async () => {
    const input = ['from 192.168.4.5:80', 'from 10.0.0.9', 'from 2001:db8::1 x', 'from 300.1.1.1', 'no'];
    expect(await lines('|= ip("192.168.4.5/16")', ...input)).toEqual([input[0]]);
    expect(await lines('|= ip("10.0.0.1-10.0.0.10")', ...input)).toEqual([input[1]]);
    expect(await lines('|= ip("2001:db8::/32")', ...input)).toEqual([input[2]]);
    expect(await lines('!= ip("0.0.0.0/0")', ...input)).toEqual([input[2], input[3], input[4]]);
    expect(await lines('| logfmt | addr=ip("10.0.0.0/8")', 'addr=10.1.2.3', 'addr=11.1.2.3', 'addr=x', 'x=1')).toEqual([
      'addr=10.1.2.3',
    ]);
  });

  it('never takes a text that reaches over the end of a line', async () => {
    expect(await lines('|= "ab"', 'xa', 'bx', 'aab', '')).toEqual(['aab']);
  });
});

describe('json', () => {
  it('takes members as labels, those of nested objects with the outer name before', async () => {
    const line =
      '{"a":"x","n":1.0,"big":9007199254740993,"t":true,"z":null,"l":[1],"o":{"in":{"k-k":"v"},"9":"d"},"app":"other","9x":"q"}';
    expect(await labels('| json', line)).toEqual({
      a: 'x', n: '1.0', big: '9007199254740993', t: 'true', o_in_k_k: 'v', o_9: 'd', app_extracted: 'other', _9x: 'q',
    }); // biome-ignore format: one line
  });

  it('lets the first of two values for a name stand, of one parser and of two, and of a format before it', async () => {
    expect(await labels('| json', '{"a-b":1,"a.b":2}')).toEqual({ a_b: '1' });
    const line = '{"level":"error","msg":"level=info x=1"}';
    expect(await labels('| json | line_format "{{.msg}}" | logfmt', line)).toMatchObject({ level: 'error', x: '1' });
    expect(await labels('| label_format level="made" | json', line)).toMatchObject({ level: 'made' });
    expect(await labels('| drop level | json', line, { level: 'old' })).toMatchObject({ level: 'error' });
  });

  it('leaves out an entry that lacks the label of a comparison, whatever error it has; comparisons of addresses let it pass', async () => {
    for (const filter of ['status >= 500', 'took > 1s', 'size < 1KB', 'status="500"', '__error__ > 0'])
      expect(await labels(`| json | ${filter}`, 'not json')).toBeUndefined();
    expect(await labels('| json | addr = ip("10.0.0.0/8")', 'not json')).toMatchObject({ __error__: 'JSONParserErr' });
    expect(await labels('| json | a > 1', '{"a":"x","b"')).toMatchObject({ __error__: 'JSONParserErr' });
    expect(await labels('| json | a > 1', '{"a":"1","b"')).toBeUndefined();
  });

  it('says what is wrong with a line, and keeps what came before', async () => {
    expect(await labels('| json', '{"a":"x","b"')).toMatchObject({ a: 'x', __error__: 'JSONParserErr' });
    expect(await labels('| json', 'plain')).toMatchObject({
      __error__: 'JSONParserErr',
      __error_details__: 'the line is no JSON object',
    });
    expect(await lines('| json | __error__=""', 'plain', '{}')).toEqual(['{}']);
    expect(await labels('| json | drop __error__, __error_details__', 'plain')).toEqual({});
  });

  it('is not hurt by hostile lines', async () => {
    const key = 'k'.repeat(1_000_000);
    expect(await labels('| json', `{"${key}":"v"}`)).toEqual({ [key]: 'v' });
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    expect(await labels('| json', deep)).toMatchObject({ __error__: 'JSONParserErr' });
    expect(await labels('| json', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"b":1}`)).toEqual({ b: '1' });
    const found = await labels('| json', '{"__proto__":{"polluted":"yes"},"constructor":"c","__proto__":"p"}');
    expect(Object.entries(found ?? {})).toEqual(
      expect.arrayContaining([
        ['constructor', 'c'],
        ['__proto___polluted', 'yes'],
      ]),
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(await labels('| json | line_format "{{.a}}"', '{"a":"\\u0041\\ud83d\\ude00\\n"}')).toEqual({ a: 'A😀\n' });
  });

  it('takes single values by expressions', async () => {
    const line = '{"s":[{"name":"n0"},{"name":"n1","o":{"x":[1,2]}}],"a b":"v","n":null}';
    const stages = '| json one="s[1].name", o="s[1].o", none="s[9].name", quoted="[\\"a b\\"]", n, app="s[0].name"';
    expect(await labels(stages, line)).toEqual({
      one: 'n1',
      o: '{"x":[1,2]}',
      none: '',
      quoted: 'v',
      n: '',
      app_extracted: 'n0',
    });
  });
});

describe('other parsers', () => {
  it('logfmt', async () => {
    expect(await labels('| logfmt', 'a=1 b="two \\"x\\"" c= d=a"b e flag=x a-b=3')).toEqual({
      a: '1',
      b: 'two "x"',
      flag: 'x',
      a_b: '3',
    });
    expect(await labels('| logfmt --keep-empty', 'a= b')).toEqual({ a: '', b: '' });
    expect(await labels('| logfmt --strict', 'a=1 =b c=2')).toMatchObject({ a: '1', __error__: 'LogfmtParserErr' });
    expect(await labels('| logfmt --strict host, ip="fwd"', 'host=h fwd="1.2.3.4" x=y')).toEqual({
      host: 'h',
      ip: '1.2.3.4',
    });
    expect(await labels('| logfmt none', 'a="unterminated')).toEqual({ none: '' });
  });

  it('pattern', async () => {
    const line = '10.0.0.1 - - [t] "GET /a HTTP/1.1" 200';
    expect(await labels('| pattern `<ip> <_> "<method> <path> <_>" <status>`', line)).toEqual({
      ip: '10.0.0.1',
      method: 'GET',
      path: '/a',
      status: '200',
    });
    expect(await labels('| pattern `x<a>`', line)).toEqual({});
    expect(await labels('| pattern `<a>|<b>`', line)).toEqual({ a: line });
  });

  it('regexp', async () => {
    expect(await labels('| regexp `(?P<method>\\w+) (?P<path>\\S+)(?P<none>x)?`', 'GET /a')).toEqual({
      method: 'GET',
      path: '/a',
      none: '',
    });
    expect(await labels('| regexp `(?P<m>z)`', 'GET /a')).toEqual({});
  });

  it('unpack', async () => {
    expect(await lines('| unpack | line_format "{{.pod}}: {{__line__}}"', '{"pod":"p","_entry":"the line"}')).toEqual([
      'p: the line',
    ]);
    expect(await labels('| unpack', '{"pod":"p"}')).toEqual({});
    expect(await labels('| unpack', 'x')).toMatchObject({ __error__: 'JSONParserErr' });
  });

  it('decolorize', async () => {
    expect(await lines('| decolorize', '\u001b[31mred\u001b[0m plain')).toEqual(['red plain']);
  });
});

describe('label filters', () => {
  const line = 'status=500 took=1.5s size=2KB method=GET path=/a';
  it.each([
    ['status>=500', true],
    ['status=500', true],
    ['status!=500', false],
    ['status==500.0', true],
    ['took>1s', true],
    ['took<1500ms', false],
    ['size>1KiB', true],
    ['size<=2000B', true],
    ['method="GET"', true],
    ['method=~"G.*", path!="/b"', true],
    ['method=~"E"', false],
    ['method="POST" or status>400 and took>2s', false],
    ['(method="POST" or status>400) and took>1s', true],
    ['method="GET" status<400', false],
    ['missing=""', true],
    ['missing>1', false],
    ['path>1', true],
    ['app="shop"', true],
  ])('| %s is %s', async (filter, expected) => {
    expect((await lines(`| logfmt | ${filter}`, line)).length === 1).toBe(expected);
  });

  it('mark entries whose value cannot be compared', async () => {
    expect(await labels('| logfmt | path>1', 'path=/a')).toMatchObject({ __error__: 'LabelFilterErr' });
    expect(await lines('| logfmt | path>1 | __error__=""', 'path=/a')).toEqual([]);
  });
});

describe('labels', () => {
  it('are dropped, kept, renamed and formatted', async () => {
    const line = 'level=info a=1 b=2';
    expect(await labels('| logfmt | drop level, a="9"', line)).toEqual({ a: '1', b: '2' });
    expect(await labels('| logfmt | keep a, b="9"', line)).toEqual({ a: '1' });
    expect(await labels('| logfmt | label_format c=a, d=`{{.b}}-{{.app}}`', line)).toEqual({
      level: 'info',
      b: '2',
      c: '1',
      d: '2-shop',
    });
    const [found] = await ask('{app="shop"} | drop app', [entry(1, 'x', { app: 'shop' })]);
    expect([{ ...found?.labels }, { ...found?.stream }]).toEqual([{}, { app: 'shop' }]);
  });

  it('of structured metadata are filtered on, and do not hide those of the stream', async () => {
    expect(await labels('| trace="t1"', 'x', { trace: 't1', app: 'meta' })).toEqual({
      trace: 't1',
      app_extracted: 'meta',
    });
    expect(await labels('| logfmt', 'trace=t2', { trace: 't1' })).toEqual({ trace: 't1', trace_extracted: 't2' });
  });
});

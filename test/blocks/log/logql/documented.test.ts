/** Queries of Loki's documentation (docs/sources/query), with answers worked out by hand. */
import { expect, it } from 'vitest';
import { runLogQuery, runMetricQuery } from '../../../../src/blocks/log/logql/index.js';
import { entry, type MemoryEntry, MemorySource, noTotals } from './memory-source.js';

const SECOND = 1_000_000_000n;
const APP = { app: 'a' };
const lines = (...texts: readonly string[]) => texts.map((text, i) => entry(i + 1, text, APP));

async function ask(query: string, entries: readonly MemoryEntry[]): Promise<{ lines: string[]; labels: string[] }> {
  const answer = { lines: [] as string[], labels: [] as string[] };
  const request = { start: 0n, end: 1000n * SECOND, direction: 'forward', now: () => 0 } as const;
  for await (const { line, labels } of runLogQuery(new MemorySource(entries), query, request, noTotals())) {
    answer.lines.push(line);
    answer.labels.push(text(labels));
  }
  return answer;
}

const text = (labels: Readonly<Record<string, string>>) =>
  Object.keys(labels)
    .filter((name) => name !== 'app')
    .sort()
    .map((name) => `${name}=${labels[name]}`)
    .join(',');

const JSON_LINE = '{"a":"1","b":"2","n":null,"arr":[1,2],"o":{"x y":"z","deep":{"k":true}}}';
const LOGFMT = 'at=info method=GET path=/ host=grafana.net fwd="124.133.124.161" service=8ms status=200';
const NGINX =
  '0.191.12.2 - - [10/Jun/2021:09:14:29 +0000] "GET /api/plugins/versioncheck HTTP/1.1" 200 2 "-" "Go-http-client/2.0" "13.76.247.102, 34.120.177.193" "TLSv1.2" "US" ""';

it.each([
  ['| json', JSON_LINE, 'a=1,b=2,o_deep_k=true,o_x_y=z'],
  ['| json', '{"app":"z","app":"y"}', 'app_extracted=z'],
  ['| json first="arr[0]", o="o.deep", none="q", sp="o[\\"x y\\"]"', JSON_LINE, 'first=1,none=,o={"k":true},sp=z'],
  ['| logfmt | drop fwd', LOGFMT, 'at=info,host=grafana.net,method=GET,path=/,service=8ms,status=200'],
  ['| logfmt host, fwd_ip="fwd"', LOGFMT, 'fwd_ip=124.133.124.161,host=grafana.net'],
  [
    '| pattern `<ip> - - <_> "<method> <uri> <_>" <status> <size> <_> "<agent>" <_>`',
    NGINX,
    'agent=Go-http-client/2.0,ip=0.191.12.2,method=GET,size=2,status=200,uri=/api/plugins/versioncheck',
  ],
  [
    '| regexp "(?P<method>\\\\w+) (?P<path>[\\\\w|/]+) \\\\((?P<status>\\\\d+?)\\\\) (?P<duration>.*)"',
    'POST /api/prom/api/v1/query_range (200) 1.5s',
    'duration=1.5s,method=POST,path=/api/prom/api/v1/query_range,status=200',
  ],
  ['| unpack', '{"container":"myapp","pod":"pod-3223f","_entry":"original"}', 'container=myapp,pod=pod-3223f'],
  ['| json | drop b, a="1", o_deep_k="false"', JSON_LINE, 'o_deep_k=true,o_x_y=z'],
  ['| json | drop __error__, __error_details__', 'no JSON', ''],
  ['| json | keep a, b="3"', JSON_LINE, 'a=1'],
  ['| json | keep a, b | label_format a="{{.b}}", b="{{.a}}"', JSON_LINE, 'a=2,b=1'],
  ['| json | keep a, b | label_format c=a, d="{{.c}}"', JSON_LINE, 'b=2,c=1,d=1'],
])('{app="a"} %s of %s gives labels', async (stages, line, expected) => {
  expect((await ask(`{app="a"} ${stages}`, lines(line))).labels).toEqual([expected]);
});

it.each([
  ['!= "x" or "y"', 'z'],
  ['|= "x" or "y"', 'x|y'],
  ['| logfmt | addr = ip("192.168.4.5/16") | addr != ip("192.168.4.2")', 'addr=192.168.4.9'],
  ['!= ip("192.168.4.1-192.168.4.9") |= "addr"', 'addr=10.0.0.1'],
  [
    '| logfmt | took >= 20ms or size == 20KB and method!~"2.."',
    'took=30ms size=1B method=201|took=9ms size=20KB method=GET',
  ],
  ['| logfmt | (took >= 20ms or size == 20KB) and method!~"2.."', 'took=9ms size=20KB method=GET'],
  ['| logfmt | took >= 20ms or size == 20KB | method!~"2.."', 'took=9ms size=20KB method=GET'],
  // Who has no such label is left out, also where the line could not be parsed; of __error__ only comparisons of text know.
  ['| json | status >= 500', '{"status":500}|{"status":"x"}'],
  ['| json | status >= 500 | __error__ = ""', '{"status":500}'],
  ['| json | __error__ > 0', ''],
  ['| json | status =~ "5.." or __error__ != "" | line_format "{{.status}}" | __error__ = ""', '500'],
])('{app="a"} %s selects', async (stages, expected) => {
  const sets = {
    took: ['took=30ms size=1B method=201', 'took=9ms size=20KB method=201', 'took=9ms size=20KB method=GET'],
    addr: ['addr=192.168.4.2', 'addr=192.168.4.9', 'addr=10.0.0.1'],
    json: ['no JSON', '{"status":500}', '{"status":"x"}', '{"other":1}'],
    '': ['x', 'y', 'z'],
  };
  const [, entries] = Object.entries(sets).find(([name]) => stages.includes(name)) ?? [];
  expect((await ask(`{app="a"} ${stages}`, lines(...(entries ?? [])))).lines.join('|')).toBe(expected);
});

it.each([
  ['{{ .path | replace " " "_" | trunc 5 | upper }}', 'A_B_C'],
  ['{{ if and (contains "he" "hello") (contains "llo" "hello") }} yes {{end}}', ' yes '],
  ['{{ if contains "Err" .err }}t{{else if contains "he" "hello"}}yes{{else}}no{{end}}', 'yes'],
  ['{{date "2006-01-02" (unixToTime "1679577215")}}', '2023-03-23'],
  ['{{unixEpoch (toDateInZone "2006-01-02" "UTC" "2021-11-02")}}', '1635811200'],
  ['{{ alignLeft 5 "hello world"}}|{{ alignRight 5 "hi"}}', 'hello|   hi'],
  ['{{ b64dec "aGk" }}{{ default "-" "" }}{{ .nope | default "-" }}', 'hi--'],
  ['{{ fromJson "{\\"foo\\": 55}" }}', 'map[foo:55]'],
  ['x{{ range $q := fromJson .queries }}{{ $q.query }},{{ end }}', 'xq1,q2,'],
  ['x{{ range $q := fromJson .nope }}{{ $q.query }},{{ end }}{{ fromJson "no" }}', 'x<no value>'],
  ['{{ printf "%-10.3s|%5.5s|%05d|%.2f" "abcdef" "ab" 42 1.5 }}', 'abc       |   ab|00042|1.50'],
  [
    '{{ substr 6 11 "hello world"}} {{ trimAll "$" "$5.00" }} {{ trimPrefix "-" "-a" }} {{ repeat 3 "ab" }}',
    'world 5.00 a ababab',
  ],
  ['{{ add 3 2 5 }} {{ addf 3.5 2 5 }} {{ ceil 123.001 }} {{ div 10 2}} {{ divf 10 2 4}}', '10 10.5 124 5 1.25'],
  [
    '{{ floor 123.9999 }} {{ mod 10 3}} {{ mulf 5.5 2 2.5 }} {{ subf  5.5 2 1.5 }} {{ "3.5" | float64 }}',
    '123 1 27.5 2 3.5',
  ],
  [
    '{{ round 123.555555 3 }} {{ round 123.88571428571 5 .2 }} {{ round 123.88571428571 5 }}',
    '123.556 123.88572 123.88571',
  ],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Go's way to name a group.
  ['{{ count "a|b" "abab" }} {{ regexReplaceAll "(a*)bc" "aabc" "${1}a" }}', '4 aaa'],
  ['{{ printf "%d %s %t" .path 5 "x" }}', '%!d(string=a b c d) %!s(int=5) %!t(string=x)'],
  ['{{ printf "%e %.1e %8.3f|" 1234567 0.00012 2.5 }}', '1.234567e+06 1.2e-04    2.500|'],
  ['{{ regexReplaceAllLiteral "(ts=)" "ts=1" "t=" }}', 't=1'],
])('line_format `%s` writes', async (template, expected) => {
  const line = JSON.stringify({ path: 'a b c d', err: '', queries: '[{"query":"q1"},{"query":"q2"}]' });
  expect((await ask(`{app="a"} | json | line_format \`${template}\``, lines(line))).lines).toEqual([expected]);
});

/** One entry a second from 1 to 10, by turns of app a and b; z is 1 for the first five. */
const TEN = Array.from({ length: 10 }, (_, i) =>
  entry(i + 1, `v=${i + 1} d=${i + 1}ms b=${i + 1}KB`, { app: i % 2 === 0 ? 'a' : 'b', z: i < 5 ? '1' : '2' }),
);
const ALL = 'count_over_time({app=~".+"}[10s])';

it.each([
  ['sum(count_over_time({app="none"}[5m])) or vector(0)', '{} 0'],
  [`sum by (app) (${ALL}) == bool sum by (app) (${ALL})`, '{app=a} 1 {app=b} 1'],
  [
    'sum without(app) (count_over_time({app="a"}[10s])) > sum without(app) (count_over_time({app="b"}[10s]))',
    '{z=1} 3',
  ],
  [
    'sum without(app) (count_over_time({app="a"}[10s])) > bool sum without(app) (count_over_time({app="b"}[10s]))',
    '{z=1} 1 {z=2} 0',
  ],
  [
    `${ALL} / ignoring (z) group_left sum by (app) (${ALL})`,
    '{app=a,z=1} 0.6 {app=a,z=2} 0.4 {app=b,z=1} 0.4 {app=b,z=2} 0.6',
  ],
  [
    `sum by (app) (${ALL}) * on (app) group_right ${ALL}`,
    '{app=a,z=1} 15 {app=a,z=2} 10 {app=b,z=1} 10 {app=b,z=2} 15',
  ],
  ['count_over_time({app="a"}[10s]) and on (z) count_over_time({app="b",z="1"}[10s])', '{app=a,z=1} 3'],
  ['count_over_time({app="a"}[10s]) unless on (z) count_over_time({app="b",z="1"}[10s])', '{app=a,z=2} 2'],
  ['sum(sum_over_time({app=~".+"} | logfmt | unwrap duration(d) [10s])) * 1000', '{} 55'],
  ['max_over_time({app=~".+"} | logfmt | unwrap bytes(b) [10s]) by ()', '{} 10000'],
  ['avg_over_time({app=~".+"} | logfmt | unwrap v [10s]) by (z)', '{z=1} 3 {z=2} 8'],
  [
    'quantile_over_time(0.99, {app=~".+"} | logfmt | __error__ = "" | unwrap v [10s]) by (app)',
    '{app=a} 8.92 {app=b} 9.92',
  ],
  ['topk(1, sum(rate({app=~".+", z="1"}[10s])) by (app))', '{app=a} 0.3'],
  ['avg(rate(({app="a"} |= "v" | logfmt | v="3")[10s])) by (app)', '{app=a} 0.1'],
  ['sum by (v) (count_over_time({app="a"} | logfmt | v > 6 [10s]))', '{v=7} 1 {v=9} 1'],
  ['count_over_time({app=~".+"} | logfmt | keep app [10s])', '{app=a} 5 {app=b} 5'],
  ['sum(sum_over_time({app="a"} | logfmt | unwrap v [2s] offset 5s))', '{} 5'],
  [`label_replace(sum by (app) (${ALL}), "foo", "$1-x", "app", "(.*)")`, '{app=a,foo=a-x} 5 {app=b,foo=b-x} 5'],
  [`sum(${ALL}) % 3 - 2 ^ 2`, '{} -3'],
  ['absent_over_time({app="none", z="q"} |= "x" [10s])', '{app=none,z=q} 1'],
])('%s is', async (query, expected) => {
  const at = { start: 10n * SECOND, end: 10n * SECOND, now: () => 0 };
  const result = await runMetricQuery(new MemorySource(TEN), query, at, noTotals());
  const found = result.kind === 'scalar' ? [] : result.series;
  const all = found.map(({ labels, values }) => {
    const names = Object.keys(labels).sort();
    return `{${names.map((name) => `${name}=${labels[name]}`).join(',')}} ${Number((values[0] ?? 0).toFixed(6))}`;
  });
  expect(all.join(' ')).toBe(expected);
});

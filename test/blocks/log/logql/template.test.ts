import { describe, expect, it } from 'vitest';
import { compileTemplate, TemplateError } from '../../../../src/blocks/log/logql/template/index.js';

const LABELS = new Map([
  ['a', 'Hello'],
  ['n', '5'],
  ['f', '2.5'],
  ['t', '1700000000'],
  ['j', '{"x":[1,{"y":"deep"}],"m":{"k":1}}'],
  ['s', '  b c  '],
]);

function render(template: string): string {
  return compileTemplate(template).render({
    line: 'the line',
    timestamp: 1_700_000_000_123_456_789n,
    now: () => 1_700_000_001_000,
    labels: { get: (name) => LABELS.get(name), names: () => [...LABELS.keys()] },
  });
}

describe('a template', () => {
  it.each([
    ['{{.a}} {{.missing}}|', 'Hello |'],
    ['{{ .a | lower | printf "%-7s|" }}', 'hello  |'],
    ['a {{- " x " -}} b', 'a x b'],
    ['{{/* nothing */}}{{__line__}}', 'the line'],
    ['{{if eq .a "Hello"}}yes{{else}}no{{end}}', 'yes'],
    ['{{if .missing}}1{{else if .n}}2{{else}}3{{end}}', '2'],
    ['{{if and .a (not .missing)}}both{{end}}', 'both'],
    ['{{with $x := .a}}{{$x}}{{.}}{{end}}', 'HelloHello'],
    ['{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}', '2'],
    ['{{range $i, $e := (fromJson .j).x}}{{$i}}={{$e}};{{end}}', '0=1;1=map[y:deep];'],
    ['{{(index (fromJson .j).x 1).y}}', 'deep'],
    ['{{range $k, $v := .}}{{$k}} {{end}}', 'a f j n s t '],
    ['{{range (fromJson "[]")}}x{{else}}empty{{end}}', 'empty'],
    ['{{trunc 2 .a}}{{trunc -2 .a}} {{substr 1 3 .a}}', 'Helo el'],
    ['{{.s | trim}}|{{trimPrefix "He" .a}}|{{trimAll "Ho" .a}}|{{TrimLeft .a "He"}}', 'b c|llo|ell|llo'],
    ['{{upper .a}}{{title "ab cd"}}{{repeat 2 "-"}}', 'HELLOAb Cd--'],
    ['{{replace "l" "L" .a}} {{Replace .a "l" "L" 1}}', 'HeLLo HeLlo'],
    ['{{contains "ell" .a}}{{hasPrefix "x" .a}}', 'truefalse'],
    [
      '{{regexReplaceAll "(l+)" .a "<$1>"}} {{regexReplaceAllLiteral "l" .a "$1"}} {{count "l" .a}}',
      'He<ll>o He$1$1o 2',
    ],
    ['{{alignLeft 3 .a}}|{{alignRight 7 .a}}|{{indent 2 "x"}}', 'Hel|  Hello|  x'],
    ['{{add 1 .n 2}} {{sub 5 2}} {{mul 2 3}} {{div 7 2}} {{mod 7 4}}', '8 3 6 3 3'],
    [
      '{{addf 1.5 .f}} {{divf 1 4}} {{max 1 3 2}} {{minf 1.5 0.5}} {{round 1.256 2}} {{ceil 1.1}} {{int "7"}}',
      '4 0.25 3 0.5 1.26 2 7',
    ],
    ['{{if gt (float64 .f) 2.0}}big{{end}}', 'big'],
    ['{{bytes "2KB"}} {{duration "1m30s"}}', '2000 90'],
    ['{{b64enc "hi"}} {{b64dec "aGk="}} {{urlencode "a b&"}} {{urldecode "a+b%26"}}', 'aGk= hi a+b%26 a b&'],
    ['{{__timestamp__ | date "2006-01-02T15:04:05.000Z07:00"}}', '2023-11-14T22:13:20.123Z'],
    [
      '{{unixToTime .t | date "Mon Jan _2 15:04 MST 2006"}} {{now | unixEpoch}}',
      'Tue Nov 14 22:13 UTC 2023 1700000001',
    ],
    ['{{toDate "2006-01-02" "2024-02-29" | unixEpochMillis}}', '1709164800000'],
    ['{{toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2024-07-01 12:00" | unixEpoch}}', '1719828000'],
    ['{{printf "%05.1f %d %q %v %x%%" 3.14159 42 "a\\"b" true "hi"}}', '003.1 42 "a\\"b" true 6869%'],
    ['{{.missing | default "none"}}{{len .a}}', 'none5'],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it.each([
    '{{',
    '{{.a',
    '{{if .a}}',
    '{{end}}',
    '{{nope .a}}',
    '{{template "x"}}',
    '{{.a .b}}',
    '{{lower}}',
    '{{eq .n 5}}',
    '{{index (fromJson .j).x 9}}',
    '{{div 1 0}}',
    '{{$x}}',
    '{{regexReplaceAll "(" .a ""}}',
  ])('says what is wrong with %s', (template) => {
    expect(() => render(template)).toThrow(TemplateError);
  });

  it('ends within its bounds, whatever it says', () => {
    const twice = `{{$x := "xxxxxxxxxxxxxxxx"}}${'{{$x = print $x $x $x $x $x $x $x $x}}'.repeat(20)}`;
    for (const template of [
      '{{repeat 1000000000 "x"}}',
      '{{alignLeft 1000000000 .a}}',
      '{{nindent 100000000 "x"}}',
      twice,
      `${'{{repeat 1000000 "x"}}'.repeat(5)}`,
    ]) {
      expect(() => render(template)).toThrow(TemplateError);
    }
    const rounds = `${'{{range (fromJson $a)}}'.repeat(6)}x${'{{end}}'.repeat(6)}`;
    expect(() => render(`{{$a := "[1,2,3,4,5,6,7,8,9,10]"}}${rounds}`)).toThrow(/more than 20000 steps/);
  });

  it('knows the labels that it looks at', () => {
    expect(compileTemplate('{{.a}}{{if eq .b "x"}}{{.c | lower}}{{end}}').labels).toEqual(['a', 'b', 'c']);
    expect(compileTemplate('{{range $k, $v := .}}{{$k}}{{end}}').labels).toBeUndefined();
  });
});

/** Stages that change lines and labels: line_format, label_format, drop, keep, decolorize, unpack. */
import { compileRegex } from '../../regex/index.js';
import type { LabelFormat, LabelTarget } from '../syntax/ast.js';
import { compileTemplate, type Template, TemplateError } from '../template/index.js';
import { ERROR_DETAILS_LABEL, ERROR_LABEL, LabelNames } from './entry-labels.js';
import { JsonError, JsonScanner } from './json-scanner.js';
import { valueTest } from './label-filter.js';
import type { EntryState, NeededLabels, StageFunction } from './stage.js';

/** Milliseconds since the Unix epoch, for templates that ask for `now`. */
export type Now = () => number;

export function lineFormatStage(text: string, now: Now): StageFunction {
  const template = compileTemplate(text);
  return (entry) => {
    const line = render(template, entry, now);
    if (line !== undefined) entry.line = line;
    return true;
  };
}

export function labelFormatStage(formats: readonly LabelFormat[], now: Now): StageFunction {
  const steps = formats.map((format) => {
    if (format.kind === 'rename') return { format, template: undefined };
    return { format, template: compileTemplate(format.template) };
  });
  // All templates of a stage see the labels as the first of them found them: `a="{{.b}}", b="{{.a}}"` swaps two.
  const needsSnapshot = steps.findIndex(({ template }) => template !== undefined) < steps.length - 1;
  return (entry) => {
    let seen: TemplateLabels | undefined;
    for (const { format, template } of steps) {
      if (template !== undefined) {
        seen ??= needsSnapshot ? snapshot(entry) : entry.labels;
        const value = render(template, entry, now, seen);
        if (value !== undefined) entry.labels.set(format.name, value);
      } else if (format.kind === 'rename') rename(entry, format.from, format.name);
    }
    return true;
  };
}

function rename({ labels }: EntryState, from: string, to: string): void {
  const value = labels.get(from);
  if (value === undefined || from === to) return;
  labels.set(to, value);
  labels.delete(from);
}

type TemplateLabels = Parameters<Template['render']>[0]['labels'];

function snapshot({ labels }: EntryState): TemplateLabels {
  const seen = labels.toLabels();
  return { get: (name) => seen[name], names: () => Object.keys(seen) };
}

function render(
  template: Template,
  entry: EntryState,
  now: Now,
  labels: TemplateLabels = entry.labels,
): string | undefined {
  try {
    return template.render({ line: entry.line, timestamp: entry.timestamp, labels, now });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    entry.labels.setError('TemplateFormatErr', error.message);
    return undefined;
  }
}

interface TargetTest {
  readonly name: string;
  readonly test: ((value: string) => boolean) | undefined;
}

function targetTests(targets: readonly LabelTarget[]): TargetTest[] {
  return targets.map(({ name, matcher }) => ({ name, test: matcher === undefined ? undefined : valueTest(matcher) }));
}

export function dropStage(targets: readonly LabelTarget[]): StageFunction {
  const tests = targetTests(targets);
  return ({ labels }) => {
    for (const { name, test } of tests) {
      if (test === undefined) labels.delete(name);
      else {
        const value = labels.get(name);
        if (value !== undefined && test(value)) labels.delete(name);
      }
    }
    return true;
  };
}

/** All labels but these go; errors stay. */
export function keepStage(targets: readonly LabelTarget[]): StageFunction {
  const tests = targetTests(targets);
  return ({ labels }) => {
    for (const name of labels.names()) {
      if (name === ERROR_LABEL || name === ERROR_DETAILS_LABEL) continue;
      const value = labels.get(name) ?? '';
      if (!tests.some((target) => target.name === name && (target.test === undefined || target.test(value))))
        labels.delete(name);
    }
    return true;
  };
}

/** Escape sequences of terminals: CSI (colours, cursor), and OSC up to BEL or ST. In linear time: lines are hostile. */
const ESCAPES =
  '[\\x1b\\x{9b}][\\[\\]()#;?]*(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\\x07)|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))';

export function decolorizeStage(): StageFunction {
  const regex = compileRegex(ESCAPES);
  return (entry) => {
    if (entry.line.includes('\x1b') || entry.line.includes('\x9b')) entry.line = regex.replaceAll(entry.line, () => '');
    return true;
  };
}

const PACKED_ENTRY = '_entry';

/** `| unpack`: what Promtail packed: `{"app":"shop","_entry":"the line"}`. Labels are set only where there is an entry. */
export function unpackStage(needed: NeededLabels): StageFunction {
  const scanner = new JsonScanner();
  const names = new LabelNames();
  return (entry) => {
    const { line, labels } = entry;
    if (line === '') return true;
    try {
      scanner.begin(line);
      if (scanner.kind() !== 'object') throw new JsonError('the line is no JSON object');
      const members = stringMembers(scanner);
      const packed = members.get(PACKED_ENTRY);
      if (packed === undefined) return true;
      for (const [key, value] of members) {
        const name = labels.nameFor(names.nameOf(key));
        if (key !== PACKED_ENTRY && name !== '' && (needed === undefined || needed.has(name)))
          labels.setParsed(name, value);
      }
      entry.line = packed;
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      labels.setError('JSONParserErr', error.message);
    }
    return true;
  };
}

function stringMembers(scanner: JsonScanner): Map<string, string> {
  const members = new Map<string, string>();
  if (!scanner.enter()) return members;
  do {
    const key = scanner.key();
    if (scanner.kind() === 'string') members.set(key, scanner.string());
    else scanner.skip();
  } while (scanner.more('}'));
  return members;
}

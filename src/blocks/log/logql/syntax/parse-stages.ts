/** The stages of a pipeline: line filters, and what follows a pipe. */
import { closest } from '../../../../platform/closest.js';
import { compileRegex } from '../../regex/index.js';
import { parseJsonPath } from '../pipeline/json-path.js';
import { compileLinePattern, compilePattern } from '../pipeline/pattern.js';
import { checkCaptures } from '../pipeline/regexp-stage.js';
import { compileTemplate } from '../template/index.js';
import type { Extraction, LabelFormat, LabelTarget, LineOperator, LineText, Stage } from './ast.js';
import type { Token } from './lexer.js';
import { isLabelOperator, parseIpCall, parseLabelFilter, parseMatcher } from './parse-labels.js';
import { queryError } from './query-error.js';
import type { TokenReader } from './token-reader.js';

const LINE_OPERATORS: ReadonlySet<string> = new Set(['|=', '!=', '|~', '!~', '|>', '!>']);
const NO_LABEL_FORMAT: ReadonlySet<string> = new Set(['__error__']);

/** Whether a stage begins at the token at hand; `unwrap` is none. */
export function beginsStage(reader: TokenReader): boolean {
  if (reader.isSymbol('|')) return !reader.isWord('unwrap', 1);
  return isLineOperator(reader.token);
}

function isLineOperator(token: Token): boolean {
  return token.kind === 'symbol' && LINE_OPERATORS.has(token.raw);
}

export function parseStages(reader: TokenReader): Stage[] {
  const stages: Stage[] = [];
  while (beginsStage(reader)) stages.push(parseStage(reader));
  return stages;
}

export function parseStage(reader: TokenReader): Stage {
  if (isLineOperator(reader.token)) return parseLineFilter(reader);
  reader.expectSymbol('|');
  const word = reader.token;
  // As in Loki such a word is never a label, since `| json != "x"` is a parser and a line filter.
  const parse = word.kind === 'word' ? STAGES[word.raw.toLowerCase()] : undefined;
  if (parse !== undefined) {
    reader.next();
    return parse(reader);
  }
  if (word.kind !== 'word' && !reader.isSymbol('(')) throw reader.unexpected('a parser, a label filter or a format');
  const { kind, raw } = reader.peek(1);
  if (word.kind === 'word' && (kind !== 'symbol' || !isLabelOperator(raw))) throw unknownStage(word);
  return { kind: 'labels', filter: parseLabelFilter(reader) };
}

// Without a prototype: a stage may be called anything.
const STAGES: Readonly<Record<string, (reader: TokenReader) => Stage>> = Object.assign(Object.create(null), {
  json: (reader: TokenReader): Stage => ({
    kind: 'json',
    extractions: parseExtractions(reader, 'json expression'),
  }),
  logfmt: parseLogfmt,
  pattern: (reader: TokenReader): Stage => {
    const token = reader.expect('text');
    reader.check('pattern parser', token, () => compilePattern(token.text));
    return { kind: 'pattern', pattern: token.text };
  },
  regexp: (reader: TokenReader): Stage => {
    const token = reader.expect('text');
    reader.check('regexp parser', token, () => checkCaptures(compileRegex(token.text)));
    return { kind: 'regexp', pattern: token.text };
  },
  unpack: (): Stage => ({ kind: 'unpack' }),
  decolorize: (): Stage => ({ kind: 'decolorize' }),
  line_format: (reader: TokenReader): Stage => {
    const token = reader.expect('text');
    reader.check('line template', token, () => compileTemplate(token.text));
    return { kind: 'lineFormat', template: token.text };
  },
  label_format: (reader: TokenReader): Stage => ({ kind: 'labelFormat', formats: parseLabelFormats(reader) }),
  drop: (reader: TokenReader): Stage => ({ kind: 'drop', targets: parseTargets(reader) }),
  keep: (reader: TokenReader): Stage => ({ kind: 'keep', targets: parseTargets(reader) }),
});

/** Whether a word behind a pipe begins something else than a label filter. */
export function isStageWord(word: string): boolean {
  return word.toLowerCase() in STAGES || word.toLowerCase() === 'unwrap';
}

/** A word alone is no label filter, and likely a parser that is spelled wrong. */
function unknownStage(word: Token) {
  const known = [...Object.keys(STAGES), 'unwrap'];
  const meant = closest(word.raw, known);
  const instead =
    meant === undefined ? `, there are ${known.join(', ')}, and label filters` : `; did you mean ${meant}?`;
  return queryError(`syntax error: there is no ${word.raw}${instead}`, word);
}

function parseLineFilter(reader: TokenReader): Stage {
  const operator = reader.next().raw as LineOperator;
  const texts: LineText[] = [parseLineText(reader, operator)];
  while (reader.isWord('or')) {
    reader.next();
    texts.push(parseLineText(reader, operator));
  }
  return { kind: 'line', operator, texts };
}

function parseLineText(reader: TokenReader, operator: LineOperator): LineText {
  const begin = reader.token;
  if (reader.isWord('ip')) {
    if (operator !== '|=' && operator !== '!=') throw queryError(`ip is not supported with ${operator}`, begin);
    return { ip: true, value: parseIpCall(reader) };
  }
  const token = reader.expect('text');
  if (operator === '|~' || operator === '!~') reader.check('line filter', token, () => compileRegex(token.text));
  if (operator === '|>' || operator === '!>') reader.check('line filter', token, () => compileLinePattern(token.text));
  return { ip: false, value: token.text };
}

function parseLogfmt(reader: TokenReader): Stage {
  const flags = new Set<string>();
  while (reader.token.kind === 'flag') {
    const flag = reader.token.raw;
    if (flag !== '--strict' && flag !== '--keep-empty') throw reader.unexpected('--strict or --keep-empty');
    flags.add(reader.next().raw);
  }
  const extractions = parseExtractions(reader, 'logfmt expression');
  return { kind: 'logfmt', strict: flags.has('--strict'), keepEmpty: flags.has('--keep-empty'), extractions };
}

/** `name="path", other`. */
function parseExtractions(reader: TokenReader, part: string): Extraction[] {
  const extractions: Extraction[] = [];
  if (reader.token.kind !== 'word') return extractions;
  do {
    const name = reader.expect('word');
    const token = reader.takeSymbol('=') ? reader.expect('text') : name;
    reader.check(part, token, () => checkPath(part, token.text));
    extractions.push({ name: name.raw, expression: token.text });
  } while (reader.takeSymbol(','));
  return extractions;
}

function checkPath(part: string, text: string): void {
  const path = parseJsonPath(text);
  if (part.startsWith('logfmt') && path.length !== 1) throw new Error(`${JSON.stringify(text)} is not one key`);
}

function parseLabelFormats(reader: TokenReader): LabelFormat[] {
  const formats: LabelFormat[] = [];
  const names = new Set<string>();
  do {
    const name = reader.expect('word');
    if (NO_LABEL_FORMAT.has(name.raw)) throw queryError(`${name.raw} cannot be formatted`, name);
    if (names.has(name.raw))
      throw queryError(`multiple label name '${name.raw}' not allowed in a single format operation`, name);
    names.add(name.raw);
    reader.expectSymbol('=');
    formats.push(parseLabelFormat(reader, name.raw));
  } while (reader.takeSymbol(','));
  return formats;
}

function parseLabelFormat(reader: TokenReader, name: string): LabelFormat {
  const value = reader.token;
  if (value.kind === 'word') return { kind: 'rename', name, from: reader.next().raw };
  if (value.kind !== 'text') throw reader.unexpected('a label or a string');
  reader.next();
  reader.check(`template for label '${name}'`, value, () => compileTemplate(value.text));
  return { kind: 'template', name, template: value.text };
}

function parseTargets(reader: TokenReader): LabelTarget[] {
  const targets: LabelTarget[] = [];
  do {
    const name = reader.expect('word').raw;
    const matches = reader.token.kind === 'symbol' && isLabelOperator(reader.token.raw);
    targets.push(matches ? { name, matcher: parseMatcher(reader, name) } : { name });
  } while (reader.takeSymbol(','));
  return targets;
}

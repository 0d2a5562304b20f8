/**
 * What a function of a range is given. The range may stand behind the selector or behind the pipeline, all of it in parentheses or not:
 *
 *     {app="a"} |= "x" [5m] offset 1h      {app="a"} [5m] |= "x"      ({app="a"} | json | unwrap ms) [5m]
 */
import type { LabelFilter, LogRange, Matcher, Stage, Unwrap } from './ast.js';
import { parseSelector } from './parse-labels.js';
import { beginsStage, parseStage } from './parse-stages.js';
import { queryError } from './query-error.js';
import type { TokenReader } from './token-reader.js';

/** A range while it is read. */
interface Draft {
  matchers: Matcher[];
  readonly stages: Stage[];
  unwrap?: { label: string; conversion?: NonNullable<Unwrap['conversion']>; filters: LabelFilter[] };
  interval?: number;
  offset: number;
}

export function parseLogRange(reader: TokenReader): LogRange {
  const { matchers, stages, unwrap, interval, offset } = readDraft(reader);
  if (interval === undefined) throw reader.unexpected('a range such as [5m]');
  return { selector: { kind: 'log', matchers, stages }, ...(unwrap !== undefined && { unwrap }), interval, offset };
}

function readDraft(reader: TokenReader): Draft {
  let draft: Draft;
  if (reader.takeSymbol('(')) {
    draft = reader.nested(() => readDraft(reader));
    reader.expectSymbol(')');
    if (draft.interval === undefined) readInterval(reader, draft);
    return draft;
  }
  draft = { matchers: parseSelector(reader), stages: [], offset: 0 };
  for (;;) {
    if (reader.token.kind === 'range' && draft.interval === undefined) readInterval(reader, draft);
    else if (reader.isSymbol('|') && reader.isWord('unwrap', 1)) readUnwrap(reader, draft);
    else if (beginsStage(reader)) readStage(reader, draft);
    else return draft;
  }
}

function readInterval(reader: TokenReader, draft: Draft): void {
  if (reader.token.kind !== 'range') return;
  draft.interval = reader.next().value;
  if (!reader.takeWord('offset')) return;
  draft.offset = reader.expect('duration').value;
}

function readStage(reader: TokenReader, draft: Draft): void {
  if (draft.unwrap === undefined) {
    draft.stages.push(parseStage(reader));
    return;
  }
  const place = reader.token;
  const stage = parseStage(reader);
  if (stage.kind !== 'labels') throw queryError('only label filters may stand behind unwrap', place);
  draft.unwrap.filters.push(stage.filter);
}

function readUnwrap(reader: TokenReader, draft: Draft): void {
  if (draft.unwrap !== undefined) throw queryError('there is one unwrap already', reader.token);
  reader.expectSymbol('|');
  reader.next();
  const conversion = conversionOf(reader.token.raw.toLowerCase());
  if (conversion === undefined || !reader.isSymbol('(', 1)) {
    draft.unwrap = { label: reader.expect('word').raw, filters: [] };
    return;
  }
  reader.next();
  reader.expectSymbol('(');
  draft.unwrap = { label: reader.expect('word').raw, conversion, filters: [] };
  reader.expectSymbol(')');
}

function conversionOf(word: string): Unwrap['conversion'] {
  return word === 'bytes' || word === 'duration' || word === 'duration_seconds' ? word : undefined;
}

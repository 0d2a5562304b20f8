/** `parse=…`: finds fields of lines and puts them into the structured metadata. The line stays as it is. */
import type { EntryBatch } from '../../entry-batch.js';
import { type Labels, makeLabels } from '../../labels.js';
import { copyMetadata } from '../columns.js';
import { type Level, levelOf, normaliseLevel } from '../level.js';
import { Fields } from '../metadata.js';
import type { Transform, TransformOutput } from '../transform.js';
import { jsonParser } from './json.js';
import { logfmtParser } from './logfmt.js';
import type { LineParser } from './parser.js';
import { grokParser, regexParser } from './pattern.js';
import { syslogParser } from './syslog.js';
import { apacheErrorParser, combinedParser, nginxErrorParser } from './web.js';

/** By the word behind `parse=`. */
export const PARSERS: ReadonlyMap<string, () => LineParser> = new Map([
  ['json', () => jsonParser],
  ['logfmt', () => logfmtParser],
  ['combined', () => combinedParser],
  ['nginx', () => combinedParser],
  ['apache', () => combinedParser],
  ['nginx_error', () => nginxErrorParser],
  ['apache_error', () => apacheErrorParser],
  ['syslog', syslogParser],
]);

/** Those that want something behind a colon. */
export const PATTERN_PARSERS: ReadonlyMap<string, (pattern: string) => LineParser> = new Map([
  ['regex', regexParser],
  ['grok', grokParser],
]);

/** Fields that say how serious an entry is, in the order in which they are believed. */
const LEVEL_FIELDS = [
  'level',
  'severity',
  'lvl',
  'log_level',
  'loglevel',
  'levelname',
  'severity_text',
  'log_level_name',
];

/**
 * What a line is not of the form of stays without fields. Each entry that states a level has it as `level`, in one wording (level.ts): from
 * a field that is called so, else from the line.
 */
export class ParseTransform implements Transform {
  readonly name: string;
  readonly about: string;

  constructor(private readonly parser: LineParser) {
    this.name = `parse ${parser.name}`;
    this.about = `finds the fields of lines (${parser.name}), and the level`;
  }

  apply(batch: EntryBatch): TransformOutput {
    let metadata: (Labels | undefined)[] | undefined;
    for (let i = 0; i < batch.count; i++) {
      const fields = this.#fieldsOf(batch, i);
      setLevel(batch, i, fields);
      const after = fields.labels();
      if (after === undefined) continue;
      metadata ??= copyMetadata(batch);
      metadata[i] = after;
    }
    return { batch: metadata === undefined ? batch : { ...batch, metadata } };
  }

  /** What was found before a line turned out to be of another form counts for nothing. */
  #fieldsOf(batch: EntryBatch, index: number): Fields {
    const before = batch.metadata?.[index];
    const fields = new Fields(before);
    return this.parser.parse(batch, index, fields) ? fields : new Fields(before);
  }
}

function setLevel(batch: EntryBatch, index: number, fields: Fields): void {
  for (const name of LEVEL_FIELDS) {
    const value = fields.get(name);
    const level = value === undefined ? undefined : normaliseLevel(value);
    if (level === undefined) continue;
    if (name !== 'level' || level !== value) fields.set('level', level);
    return;
  }
  if (fields.get('level') !== undefined) return;
  const level = levelOf(batch.bytes, batch.starts[index], batch.ends[index]);
  if (level !== undefined) fields.set('level', level);
}

/** `parse=level`: the level that a line states, and no other field. Entries that have one keep it. */
export class LevelTransform implements Transform {
  readonly name = 'parse level';
  readonly about = 'finds the level of lines';
  /** What an entry without other metadata gets: one object for each level. */
  readonly #shared = new Map<Level, Labels>();

  apply(batch: EntryBatch): TransformOutput {
    let metadata: (Labels | undefined)[] | undefined;
    for (let i = 0; i < batch.count; i++) {
      const before = batch.metadata?.[i];
      const level = before?.['level'] === undefined ? levelOf(batch.bytes, batch.starts[i], batch.ends[i]) : undefined;
      if (level === undefined) continue;
      metadata ??= copyMetadata(batch);
      metadata[i] = before === undefined ? this.#alone(level) : withLevel(before, level);
    }
    return { batch: metadata === undefined ? batch : { ...batch, metadata } };
  }

  #alone(level: Level): Labels {
    let labels = this.#shared.get(level);
    if (labels === undefined) {
      labels = makeLabels([['level', level]]);
      this.#shared.set(level, labels);
    }
    return labels;
  }
}

function withLevel(before: Labels, level: Level): Labels | undefined {
  const fields = new Fields(before);
  fields.set('level', level);
  return fields.labels();
}

/** Steps between a source and a sink, read from flags (`--transform parse=json`) or from ds.yaml. */
import type { Random } from '../../../platform/clock.js';
import { closest } from '../../../platform/closest.js';
import { parseDuration, parseRate } from '../../../platform/units.js';
import { compileRegex } from '../regex/index.js';
import { badTransform } from './bad-transform.js';
import { readCondition } from './condition.js';
import { DedupeTransform } from './dedupe.js';
import { dropFields, renameFields, setFields } from './edit.js';
import { LevelTransform, PARSERS, PATTERN_PARSERS, ParseTransform } from './parse/index.js';
import { RateLimitTransform } from './rate-limit.js';
import { REDACTIONS, type Redaction, RedactTransform } from './redact/index.js';
import { SampleTransform } from './sample.js';
import { SelectTransform } from './select.js';
import { choiceOf, pairsOf, readSpec, type Spec, textOf, wordsOf } from './spec.js';
import { TimestampTransform } from './timestamp/index.js';
import type { Transform } from './transform.js';

export interface TransformContext {
  readonly random: Random;
  /** Of timestamps that do not say how far from UTC they are. Default: UTC. */
  readonly timezone?: string | undefined;
}

const MOST_STEPS = 100;

/** By the word that a step begins with. */
const KINDS: Readonly<Record<string, (spec: Spec, context: TransformContext) => Transform>> = {
  parse: readParse,
  timestamp: readTimestamp,
  redact: readRedact,
  select: (spec) => {
    const text = textOf(spec, `select='level="error"'`);
    return new SelectTransform(text, readCondition(text, 'select'), true);
  },
  drop: readDrop,
  rename: (spec) => renameFields(pairsOf(spec, 'rename=msg:message').map(checkedNames)),
  set: (spec) => setFields(pairsOf(spec, 'set=env:production').map(([name, value]) => [checkedName(name), value])),
  sample: readSample,
  dedupe: (spec) => {
    const text = textOf(spec, 'dedupe=10s');
    const windowMs = parseDuration(text);
    if (!windowMs) throw badTransform(`dedupe: "${text}" is no duration`, 'dedupe=10s');
    return new DedupeTransform(text, windowMs);
  },
  rate: (spec) => {
    const text = textOf(spec, 'rate=100/s');
    const rate = parseRate(text);
    if (rate === undefined || rate.count === 0) throw badTransform(`rate: "${text}" is no rate`, 'rate=100/s');
    return new RateLimitTransform(text, rate);
  },
};

/**
 * The steps, in the order in which they are taken. Each is text (`redact=cards,email`) or a mapping of ds.yaml with one key.
 * Errors: `log.bad_transform`, `log.bad_pattern`, `log.bad_timezone`.
 */
export function readTransforms(specs: readonly unknown[], context: TransformContext): Transform[] {
  if (specs.length > MOST_STEPS) throw badTransform(`${specs.length} steps are more than ${MOST_STEPS}`);
  return specs.map((text) => {
    const spec = readSpec(text);
    const read = Object.hasOwn(KINDS, spec.kind) ? KINDS[spec.kind] : undefined;
    if (read === undefined) throw unknownWord('step', spec.kind, Object.keys(KINDS));
    return read(spec, context);
  });
}

/** What the steps do, a sentence each. */
export function explain(transforms: readonly Transform[]): string[] {
  return transforms.map(({ about, name }) => about ?? name);
}

function unknownWord(what: string, word: string, known: readonly string[]) {
  const nearest = closest(word, known);
  const hint = nearest === undefined ? `there are ${known.join(', ')}` : `did you mean ${nearest}`;
  return badTransform(`there is no ${what} "${word}"`, hint);
}

function readParse(spec: Spec): Transform {
  const { word, argument } = choiceOf(spec, 'parse=json');
  if (word === 'level' && argument === undefined) return new LevelTransform();
  const plain = PARSERS.get(word);
  const patterned = PATTERN_PARSERS.get(word);
  if (plain !== undefined && argument === undefined) return new ParseTransform(plain());
  if (patterned !== undefined && argument) return new ParseTransform(patterned(argument));
  if (plain !== undefined) throw badTransform(`parse=${word} takes nothing behind a colon`, `parse=${word}`);
  if (patterned !== undefined) throw badTransform(`parse=${word} wants a pattern`, `parse=${word}:PATTERN`);
  throw unknownWord('parser', word, [...PARSERS.keys(), 'level', ...PATTERN_PARSERS.keys()]);
}

function readTimestamp(spec: Spec, { timezone }: TransformContext): Transform {
  if (!(spec.value instanceof Map)) return new TimestampTransform({ format: textOf(spec, 'timestamp=auto'), timezone });
  const given = new Map(pairsOf(spec, 'timestamp: {format: auto, timezone: Europe/Berlin}'));
  for (const name of given.keys()) {
    if (name !== 'format' && name !== 'timezone') throw unknownWord('key of timestamp', name, ['format', 'timezone']);
  }
  return new TimestampTransform({ format: given.get('format') ?? 'auto', timezone: given.get('timezone') ?? timezone });
}

/** A pattern may have commas in it: from `regex:` on, all is pattern. */
function readRedact(spec: Spec): Transform {
  const example = 'redact=cards,email,tokens or redact=regex:PATTERN';
  if (spec.value instanceof Map) {
    const pairs = [...(spec.value as ReadonlyMap<string, string>)];
    return readRedactWords(
      pairs.map(([kind, pattern]) => `${kind}:${pattern}`),
      example,
    );
  }
  if (typeof spec.value !== 'string') return readRedactWords(wordsOf(spec, example), example);
  const at = spec.value.search(/(^|,)\s*regex:/);
  if (at === -1) return readRedactWords(wordsOf(spec, example), example);
  const words = at === 0 ? [] : wordsOf({ ...spec, value: spec.value.slice(0, at) }, example);
  return readRedactWords([...words, spec.value.slice(at).replace(/^,?\s*/, '')], example);
}

function readRedactWords(words: readonly string[], example: string): Transform {
  const redactions: Redaction[] = [];
  const patterns = words.filter((word) => word.startsWith('regex:')).map((word) => word.slice('regex:'.length));
  if (patterns.includes('')) throw badTransform('redact=regex: wants a pattern', example);
  for (const word of words) {
    if (word.startsWith('regex:')) continue;
    const known = REDACTIONS.find((redaction) => redaction === word);
    if (known === undefined) throw unknownWord('kind of redact', word, [...REDACTIONS, 'regex:PATTERN']);
    redactions.push(known);
  }
  return new RedactTransform(
    redactions,
    patterns.map((pattern) => compileRegex(pattern)),
  );
}

/** A list of names drops fields, a condition drops entries. */
function readDrop(spec: Spec): Transform {
  const example = `drop=password,token or drop='level="debug"'`;
  if (typeof spec.value !== 'string') return dropFields(wordsOf(spec, example).map(checkedName));
  const text = textOf(spec, example);
  if (/^[a-zA-Z_]\w*(?:\s*,\s*[a-zA-Z_]\w*)*$/.test(text)) return dropFields(wordsOf(spec, example));
  return new SelectTransform(text, readCondition(text, 'drop'), false);
}

function readSample(spec: Spec, { random }: TransformContext): Transform {
  const { word, argument } = choiceOf(spec, 'sample=0.1');
  const share = /^\d*\.?\d+%$/.test(word)
    ? Number(word.slice(0, -1)) / 100
    : /^\d*\.?\d+$/.test(word)
      ? Number(word)
      : Number.NaN;
  if (!(share > 0 && share <= 1)) throw badTransform(`sample: "${word}" is no share above 0 and up to 1`, 'sample=0.1');
  return new SampleTransform(share, argument === undefined ? undefined : checkedName(argument), random);
}

function checkedNames([from, to]: readonly [string, string]): readonly [string, string] {
  return [checkedName(from), checkedName(to)];
}

function checkedName(name: string): string {
  if (/^[a-zA-Z_]\w{0,127}$/.test(name)) return name;
  throw badTransform(`"${name}" is no name of a field`, 'names have letters, digits and _, and begin with no digit');
}

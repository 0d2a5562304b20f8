/** Plans as people write them, in flags or in ds.yaml, made into what the agent runs. */
import { closest } from '../../../platform/closest.js';
import type { DsError } from '../../../platform/errors.js';
import { parseDuration, parseSize } from '../../../platform/units.js';
import { logErrors } from '../errors.js';
import { emptyLabels, type Labels } from '../labels.js';
import { compileRegex } from '../regex/index.js';
import { readZoneName } from '../transform/timestamp/zone.js';
import type { MultilineRule } from './framing/multiline.js';
import { WHEN_FULL, type WhenFull } from './pipeline/buffered-pipeline.js';
import { PLAN_DEFAULTS, type ShipPlan } from './plan.js';

/** Keys of ds.yaml; the flags of `ds log ship` are called the same. What is absent has its default. */
export interface RawPlan {
  readonly name?: string | undefined;
  readonly sources?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly restart?: boolean | undefined;
  readonly to?: readonly string[] | undefined;
  readonly transforms?: readonly unknown[] | undefined;
  /** Each `name=value`. */
  readonly labels?: readonly string[] | undefined;
  readonly job?: string | undefined;
  /** Of this machine, for the label `host`; empty: none. */
  readonly host?: string | undefined;
  readonly timezone?: string | undefined;
  readonly multilineStart?: string | undefined;
  readonly multilineEnd?: string | undefined;
  readonly multilineIndent?: boolean | undefined;
  readonly from?: string | undefined;
  readonly rotated?: boolean | undefined;
  readonly once?: boolean | undefined;
  readonly deadLetters?: boolean | undefined;
  readonly drain?: string | undefined;
  readonly linger?: string | undefined;
  readonly buffer?: string | undefined;
  readonly whenFull?: string | undefined;
  readonly timeout?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly insecure?: boolean | undefined;
}

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const FROM = ['start', 'end'] as const;

/** A smaller buffer is a unit that was forgotten. */
const SMALLEST_BUFFER = 1_000;

/** Errors: `log.bad_pipeline`, `log.bad_pattern`, `log.bad_timezone`. */
export function readPlan(raw: RawPlan): ShipPlan {
  if (raw.timezone !== undefined) readZoneName(raw.timezone);
  return {
    name: raw.name,
    sources: raw.sources ?? [],
    command: raw.command ?? [],
    restart: raw.restart ?? false,
    sinks: raw.to === undefined || raw.to.length === 0 ? ['store'] : raw.to,
    transforms: raw.transforms ?? [],
    labels: readLabels(raw),
    timezone: raw.timezone,
    multiline: readMultiline(raw),
    from: choice('from', raw.from, FROM) ?? 'start',
    rotated: raw.rotated ?? false,
    once: raw.once ?? false,
    deadLetters: raw.deadLetters ?? false,
    drainMs: duration('drain', raw.drain) ?? PLAN_DEFAULTS.drainMs,
    lingerMs: duration('linger', raw.linger) ?? PLAN_DEFAULTS.lingerMs,
    bufferBytes: size('buffer', raw.buffer) ?? PLAN_DEFAULTS.bufferBytes,
    whenFull: choice<WhenFull>('when-full', raw.whenFull, WHEN_FULL) ?? PLAN_DEFAULTS.whenFull,
    timeoutMs: duration('timeout', raw.timeout) ?? PLAN_DEFAULTS.timeoutMs,
    tlsCert: raw.tlsCert,
    tlsKey: raw.tlsKey,
    insecure: raw.insecure ?? false,
  };
}

function readLabels({ labels = [], job, host }: RawPlan): Labels {
  const read = emptyLabels();
  if (host !== undefined && host !== '') read['host'] = host;
  if (job !== undefined) read['job'] = job;
  for (const pair of labels) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(at, 0));
    if (!LABEL_NAME.test(name)) {
      throw badPlan(
        `the label ${JSON.stringify(pair)} is not NAME=VALUE`,
        'names are letters, digits and _: team=checkout',
      );
    }
    read[name] = pair.slice(at + 1);
  }
  return read;
}

function readMultiline({ multilineStart, multilineEnd, multilineIndent }: RawPlan): MultilineRule | undefined {
  const given = [multilineStart, multilineEnd, multilineIndent === true || undefined].filter(
    (one) => one !== undefined,
  );
  if (given.length > 1) {
    throw badPlan('lines are joined by one rule', 'of multiline-start, multiline-end and multiline-indent choose one');
  }
  if (multilineIndent === true) return { kind: 'indent' };
  const pattern = multilineStart ?? multilineEnd;
  if (pattern === undefined) return undefined;
  const regex = compileRegex(pattern);
  return { kind: multilineStart === undefined ? 'end' : 'start', matches: (line) => regex.test(line) };
}

function choice<Word extends string>(key: string, text: string | undefined, words: readonly Word[]): Word | undefined {
  if (text === undefined) return undefined;
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  const nearest = closest(text, words);
  throw badPlan(
    `${key} ${JSON.stringify(text)} is none of ${words.join(', ')}`,
    nearest === undefined ? undefined : `did you mean ${nearest}?`,
  );
}

function duration(key: string, text: string | undefined): number | undefined {
  return amount(key, text, parseDuration, 'a duration, such as 5s');
}

function size(key: string, text: string | undefined): number | undefined {
  const bytes = amount(key, text, parseSize, 'a size, such as 256MB');
  if (bytes === undefined || bytes >= SMALLEST_BUFFER) return bytes;
  throw badPlan(`${key} cannot be ${JSON.stringify(text)}`, `${key} is a size from 1kB on, such as 256MB`);
}

function amount(
  key: string,
  text: string | undefined,
  parse: (text: string) => number | undefined,
  wanted: string,
): number | undefined {
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value === undefined) throw badPlan(`${key} cannot be ${JSON.stringify(text)}`, `${key} is ${wanted}`);
  return value;
}

export function badPlan(message: string, hint?: string): DsError {
  return logErrors.error('log.bad_pipeline', message, hint === undefined ? {} : { hint });
}

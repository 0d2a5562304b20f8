/** `jobs:` of a YAML file, a list, or a mapping of names to jobs; each error names the line of what is wrong. */
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { closest } from '../../../platform/closest.js';
import { DsError } from '../../../platform/errors.js';
import { badCrontab } from '../crontab/errors.js';
import { MOST_JOBS_BYTES } from '../file-bounds.js';
import type { JobSpec } from '../job.js';
import { parseExpression } from '../schedule/expression.js';
import { settleSchedule } from '../schedule.js';
import { readJobSpec } from '../spec.js';

export interface YamlOptions {
  readonly filename: string;
  readonly timeZone: string;
  readonly pingKey: (name: string) => string;
}

/** Error: `cron.bad_crontab`. */
export function readYamlJobs(text: string, options: YamlOptions): JobSpec[] {
  const { filename } = options;
  if (Buffer.byteLength(text) > MOST_JOBS_BYTES)
    throw badCrontab(filename, 1, `it is longer than ${MOST_JOBS_BYTES} bytes`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (path: readonly (string | number)[]) => lineOfNode(document, lines, path);
  const [problem] = document.errors;
  if (problem !== undefined) throw badCrontab(filename, lines.linePos(problem.pos[0]).line, problem.message);
  const seen = new Map<string, number>();
  return rawJobs(document, lines, filename).map(({ raw, at }) => {
    const line = lineOf(['jobs', at]);
    const spec = readYamlJob(raw, options, (key) => lineOf(['jobs', at, ...pathOf(key)]));
    const before = seen.get(spec.name);
    if (before !== undefined) throw badCrontab(filename, line, `the name ${spec.name} is that of line ${before}, too`);
    seen.set(spec.name, line);
    return spec;
  });
}

interface RawJob {
  readonly raw: unknown;
  /** Its index or its name below `jobs`. */
  readonly at: number | string;
}

function rawJobs(document: Document.Parsed, lines: LineCounter, filename: string): readonly RawJob[] {
  const { contents } = document;
  const example = 'jobs: [{name: hello, command: echo hello}]';
  if (!isMap(contents)) throw badCrontab(filename, 1, 'it is no mapping with the key jobs', example);
  for (const { key } of contents.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (name === 'jobs') continue;
    const at = isNode(key) ? lines.linePos(key.range?.[0] ?? 0).line : 1;
    const hint = closest(name.slice(0, 64), ['jobs']) === undefined ? example : 'did you mean jobs?';
    throw badCrontab(filename, at, `there is no key ${JSON.stringify(name.slice(0, 64))}`, hint);
  }
  const list = document.get('jobs', true);
  const line = lineOfNode(document, lines, ['jobs']);
  if (isScalar(list) && list.value === null) return [];
  if (!isSeq(list) && !isMap(list)) {
    throw badCrontab(filename, line, 'jobs is neither a list nor a mapping of names to jobs', example);
  }
  const raws = plainOf(list, document, (problem) => badCrontab(filename, line, problem));
  if (Array.isArray(raws)) return raws.map((raw, index) => ({ raw, at: index }));
  return Object.entries(raws).map(([name, raw]) => {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { raw, at: name };
    if (!('name' in raw) || raw.name === name) return { raw: { ...raw, name }, at: name };
    const at = lineOfNode(document, lines, ['jobs', name, 'name']);
    throw badCrontab(filename, at, `name is another one than ${name.slice(0, 128)}, below which it stands`);
  });
}

/** Aliases of aliases can make much of little: the library gives up in time. */
function plainOf(
  jobs: YAMLSeq | YAMLMap,
  document: Document.Parsed,
  refuse: (problem: string) => DsError,
): unknown[] | Record<string, unknown> {
  try {
    return jobs.toJS(document) as unknown[] | Record<string, unknown>;
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

function readYamlJob(raw: unknown, options: YamlOptions, lineOfKey: (key: string) => number): JobSpec {
  const { filename, timeZone, pingKey } = options;
  const name = typeof raw === 'object' && raw !== null && 'name' in raw ? String(raw.name) : '';
  try {
    const spec = readJobSpec(raw, '', { timeZone, pingKey: () => pingKey(name) });
    const { expression } = spec.schedule;
    if (expression === undefined) return spec;
    if (parseExpression(expression, name).kind === 'in') {
      throw badCrontab(
        filename,
        lineOfKey('schedule'),
        'in counts anew each time the file is applied',
        'write at TIME',
      );
    }
    // Of a file that is applied once more some instants may have passed; February 30 never comes.
    return { ...spec, schedule: settleSchedule(spec.schedule, 0, { name, createdAt: 0 }) };
  } catch (error) {
    if (!(error instanceof DsError) || error.code === 'cron.bad_crontab') throw error;
    const key = error.code === 'cron.bad_job' ? String(error.details['key'] ?? '') : 'schedule';
    throw badCrontab(filename, lineOfKey(key), error.message, error.hint);
  }
}

/** `pauses[1].until` → `pauses`, 1, `until`. */
function pathOf(key: string): (string | number)[] {
  return [...key.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([word, index]) => (index === undefined ? word : Number(index)));
}

/** Of the innermost part of the path that there is. */
function lineOfNode(document: Document.Parsed, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range !== null && node.range !== undefined) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

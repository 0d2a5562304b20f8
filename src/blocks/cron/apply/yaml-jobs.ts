/** `jobs:` of a YAML file, a list, or a mapping of names to jobs; each error names the line of what is wrong. */
import {
  type Document,
  isCollection,
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
import { parseBoundedYaml } from './bounded-yaml.js';

export interface YamlOptions {
  readonly filename: string;
  readonly timeZone: string;
  readonly pingKey: (name: string) => string;
}

export interface YamlJob {
  readonly spec: JobSpec;
  /** Where its schedule stands, or else the job; the first is 1. */
  readonly line: number;
}

const EXAMPLE = 'jobs: [{name: hello, command: echo hello}]';

/** Error: `cron.bad_crontab`. */
export function readYamlJobs(text: string, options: YamlOptions): YamlJob[] {
  const { filename } = options;
  if (Buffer.byteLength(text) > MOST_JOBS_BYTES)
    throw badCrontab(filename, 1, `it is longer than ${MOST_JOBS_BYTES} bytes`);
  const counter = new LineCounter();
  const document = parseBoundedYaml(text, counter, (offset, problem) =>
    badCrontab(filename, counter.linePos(offset).line, problem),
  );
  const lines = new NodeLines(counter);
  const seen = new Map<string, number>();
  return rawJobs(document, lines, filename).map(({ raw, node }) => {
    const line = lines.of(node, []);
    const lineOfKey = (key: string) => lines.of(node, pathOf(key));
    const spec = readYamlJob(raw, options, lineOfKey);
    const before = seen.get(spec.name);
    if (before !== undefined) throw badCrontab(filename, line, `the name ${spec.name} is that of line ${before}, too`);
    seen.set(spec.name, line);
    return { spec, line: lineOfKey('schedule') };
  });
}

/** Of a file that was read and has no job: it says so by `jobs: []`; an empty `jobs:` may have lost them. */
export function saysNoJobs(text: string): boolean {
  return isCollection(parseDocument(text).get('jobs', true));
}

interface RawJob {
  readonly raw: unknown;
  /** What stands there. */
  readonly node: unknown;
}

function rawJobs(document: Document, lines: NodeLines, filename: string): readonly RawJob[] {
  const list = jobsNode(document, lines, filename);
  if (list === undefined) return [];
  const raws = plainOf(list, document, (problem) => badCrontab(filename, lines.of(list, []), problem));
  if (Array.isArray(raws)) return raws.map((raw, index) => ({ raw, node: list.items[index] }));
  return list.items.map((pair) => {
    const { key, value: node } = pair as { readonly key: unknown; readonly value: unknown };
    if (!isScalar(key)) throw badCrontab(filename, lines.of(key, []), 'the name of a job is a text', EXAMPLE);
    const name = String(key.value);
    const raw = Object.hasOwn(raws, name) ? raws[name] : undefined;
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { raw, node: node ?? key };
    if (!('name' in raw) || raw.name === name) return { raw: { ...raw, name }, node };
    const problem = `name is another one than ${name.slice(0, 128)}, below which it stands`;
    throw badCrontab(filename, lines.of(node, ['name']), problem);
  });
}

/** Undefined where there are none. */
function jobsNode(document: Document, lines: NodeLines, filename: string): YAMLSeq | YAMLMap | undefined {
  const { contents } = document;
  if (!isMap(contents)) throw badCrontab(filename, 1, 'it is no mapping with the key jobs', EXAMPLE);
  for (const { key } of contents.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (name === 'jobs') continue;
    const hint = closest(name.slice(0, 64), ['jobs']) === undefined ? EXAMPLE : 'did you mean jobs?';
    throw badCrontab(filename, lines.of(key, []), `there is no key ${JSON.stringify(name.slice(0, 64))}`, hint);
  }
  const list = document.get('jobs', true);
  if (isSeq(list) || isMap(list)) return list;
  if (isScalar(list) && list.value === null) return undefined;
  const problem = 'jobs is neither a list nor a mapping of names to jobs';
  throw badCrontab(filename, lines.of(list ?? contents, []), problem, EXAMPLE);
}

/** Aliases of aliases can make much of little: the library gives up in time. */
function plainOf(
  jobs: YAMLSeq | YAMLMap,
  document: Document,
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

class NodeLines {
  readonly #counter: LineCounter;

  constructor(counter: LineCounter) {
    this.#counter = counter;
  }

  /** Of the innermost part of the path below a node that there is; 1 for what stands nowhere. */
  of(node: unknown, path: readonly (string | number)[]): number {
    for (let length = path.length; length > 0 && isCollection(node); length--) {
      const inner: unknown = node.getIn(path.slice(0, length), true);
      if (isNode(inner) && inner.range) return this.#counter.linePos(inner.range[0]).line;
    }
    return isNode(node) && node.range ? this.#counter.linePos(node.range[0]).line : 1;
  }
}

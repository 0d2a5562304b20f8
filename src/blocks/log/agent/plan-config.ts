/**
 * Pipelines of ds.yaml:
 *
 *     blocks:
 *       log:
 *         pipelines:
 *           web:
 *             sources: [/var/log/nginx/access.log]
 *             transforms: [parse=nginx, redact=email]
 *             labels: {team: checkout}
 *             to: [store, 'loki+http://logs:3100#tenant=web']
 *
 * Read as strictly as the rest of the file: a key that nobody knows is an error.
 */
import { closest } from '../../../platform/closest.js';
import { camel, kebab } from '../../../platform/config/options.js';
import type { ShipPlan } from './plan.js';
import { badPlan, type RawPlan, readPlan } from './raw-plan.js';

type Kind = 'text' | 'texts' | 'switch' | 'labels' | 'steps';

/** What a pipeline can say; names in lower camel case. */
const KEYS: Readonly<Record<Exclude<keyof RawPlan, 'name' | 'once' | 'drain' | 'deadLetters'>, Kind>> = {
  sources: 'texts',
  command: 'texts',
  restart: 'switch',
  to: 'texts',
  transforms: 'steps',
  labels: 'labels',
  job: 'text',
  host: 'text',
  timezone: 'text',
  multilineStart: 'text',
  multilineEnd: 'text',
  multilineIndent: 'switch',
  from: 'text',
  rotated: 'switch',
  linger: 'text',
  buffer: 'text',
  whenFull: 'text',
  timeout: 'text',
  tlsCert: 'text',
  tlsKey: 'text',
  insecure: 'switch',
};

const PIPELINE_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;

/**
 * Those that are named, or all. `host`: for those that say none. Errors: `log.bad_pipeline` and those of {@link readPlan}, with the name of
 * the pipeline in front.
 */
export function readPipelines(tree: unknown, named: readonly string[], host: string): ShipPlan[] {
  const pipelines = tree === undefined ? {} : mappingOf(tree, 'pipelines');
  const names = Object.keys(pipelines);
  if (names.length === 0)
    throw badPlan('there are no pipelines in the file', 'write them under blocks: log: pipelines:');
  for (const name of named) {
    if (names.includes(name)) continue;
    const nearest = closest(name, names);
    throw badPlan(`there is no pipeline ${JSON.stringify(name)}`, hintOf(nearest, `there are ${names.join(', ')}`));
  }
  return names
    .filter((name) => named.length === 0 || named.includes(name))
    .map((name) => readPlan({ host, ...rawPlanOf(name, pipelines[name]), name }));
}

function hintOf(nearest: string | undefined, otherwise: string): string {
  return nearest === undefined ? otherwise : `did you mean ${nearest}?`;
}

function rawPlanOf(name: string, value: unknown): RawPlan {
  if (!PIPELINE_NAME.test(name))
    throw badPlan(`a pipeline cannot be called ${JSON.stringify(name)}`, 'letters, digits, _ . and -');
  const raw: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(mappingOf(value, name))) {
    const property = camel(key);
    const kind =
      kebab(property) === key && Object.hasOwn(KEYS, property) ? KEYS[property as keyof typeof KEYS] : undefined;
    if (kind === undefined) {
      const known = Object.keys(KEYS).map(kebab);
      const nearest = closest(key, known);
      throw badPlan(`${name} has no ${JSON.stringify(key)}`, hintOf(nearest, `known are: ${known.join(', ')}`));
    }
    raw[property] = READERS[kind](given, `${key} of ${name}`);
  }
  return raw;
}

const READERS: Readonly<Record<Kind, (value: unknown, what: string) => unknown>> = {
  text: textOf,
  texts: (value, what) => (Array.isArray(value) ? value : [value]).map((item) => textOf(item, what)),
  switch(value, what) {
    if (typeof value !== 'boolean') throw badPlan(`${what} is not true or false`);
    return value;
  },
  labels: (value, what) =>
    Object.entries(mappingOf(value, what)).map(([name, label]) => `${name}=${textOf(label, `${name} of ${what}`)}`),
  // Texts and mappings; transform/ reads them.
  steps: (value) => (Array.isArray(value) ? value : [value]),
};

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw badPlan(`${what} is not a text`);
}

function mappingOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw badPlan(`${what} must be a mapping of keys to values`);
}

/**
 * Sinks as people type them: where to, and behind `#` how. What stands behind it never reaches a server, so any URL can have it.
 *
 *     loki+https://logs.example.org#tenant=shop&token-file=/run/secrets/loki&buffer=1GB
 *     file:/var/log/all.log#rotate=100MB&keep=5
 */
import { closest } from '../../../../platform/closest.js';
import type { DsError } from '../../../../platform/errors.js';
import { parseDuration, parseSize } from '../../../../platform/units.js';
import { logErrors } from '../../errors.js';

export type SinkKind = 'store' | 'stdout' | 'file' | 'loki' | 'otlp' | 'elasticsearch' | 'http' | 's3' | 'syslog';

export interface SinkText {
  readonly kind: SinkKind;
  /** As it was typed, without what stands behind #: what a pipeline is called. */
  readonly name: string;
  /** The URL of the server, without the word before +; the path of a file. */
  readonly place: string;
  /** For syslog: udp, tcp or tls. */
  readonly transport?: string;
  readonly settings: SinkSettings;
}

/** What stands behind #, by its name. */
class SinkSettings {
  readonly #values: ReadonlyMap<string, string>;
  readonly #sink: string;

  constructor(values: ReadonlyMap<string, string>, sink: string) {
    this.#values = values;
    this.#sink = sink;
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Bytes. Error: `log.bad_sink`. */
  size(name: string): number | undefined {
    return this.#read(name, parseSize, 'a size, such as 100MB');
  }

  /** Milliseconds. Error: `log.bad_sink`. */
  duration(name: string): number | undefined {
    return this.#read(name, parseDuration, 'a duration, such as 5s');
  }

  /** Error: `log.bad_sink`. */
  count(name: string): number | undefined {
    return this.#read(name, (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined), 'a whole number');
  }

  /** Error: `log.bad_sink`. */
  choice<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    return this.#read(name, (text) => words.find((word) => word === text), `one of ${words.join(', ')}`);
  }

  #read<T>(name: string, parse: (text: string) => T | undefined, wanted: string): T | undefined {
    const text = this.#values.get(name);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) throw badSink(`${name} of ${this.#sink} is ${JSON.stringify(text)}, not ${wanted}`);
    return value;
  }
}

/** Of every sink that has a buffer. */
const OF_BUFFER = ['buffer', 'when-full', 'timeout', 'linger'];
const OF_SECRETS = ['token-file', 'token-env', 'user', 'password-file', 'password-env'];

const SETTINGS: Readonly<Record<SinkKind, readonly string[]>> = {
  store: ['linger'],
  stdout: OF_BUFFER,
  file: [...OF_BUFFER, 'rotate', 'keep'],
  loki: [...OF_BUFFER, ...OF_SECRETS, 'tenant'],
  otlp: [...OF_BUFFER, ...OF_SECRETS],
  elasticsearch: [...OF_BUFFER, ...OF_SECRETS],
  http: [...OF_BUFFER, ...OF_SECRETS],
  s3: [...OF_BUFFER, 'region', 'format'],
  syslog: OF_BUFFER,
};

const EXAMPLES =
  'store, -, file:PATH, loki+http://HOST:3100, otlp+http://HOST:4318, elasticsearch+http://HOST:9200/INDEX, ' +
  'syslog+tcp://HOST:514, s3+http://HOST:9000/BUCKET, http://HOST/PATH';

/** Error: `log.bad_sink`. */
export function readSinkText(typed: string): SinkText {
  const [, name = typed, tail] = /^(.*?)(?:#([a-z][a-z-]*=.*))?$/s.exec(typed) ?? [];
  const where = readPlace(name, typed);
  return { ...where, name, settings: readSettings(tail, where.kind, name) };
}

type Place = Pick<SinkText, 'kind' | 'place' | 'transport'>;

function readPlace(name: string, typed: string): Place {
  if (name === 'store') return { kind: 'store', place: '' };
  if (name === '-') return { kind: 'stdout', place: '' };
  if (name.startsWith('file:') && name.length > 'file:'.length) return { kind: 'file', place: name.slice(5) };
  const [, protocol, url = ''] = /^(?:(loki|otlp|elasticsearch|s3)\+)?(https?:\/\/.*)$/s.exec(name) ?? [];
  if (url !== '') return { kind: (protocol as SinkKind | undefined) ?? 'http', place: checkUrl(url, typed) };
  const [, transport, address = ''] = /^syslog\+(udp|tcp|tls):\/\/([^/?]+)\/?$/.exec(name) ?? [];
  if (transport !== undefined) return { kind: 'syslog', place: address, transport };
  throw logErrors.error('log.bad_sink', `there is no sink ${JSON.stringify(withoutSecret(typed))}`, {
    hint: `sinks are: ${EXAMPLES}`,
  });
}

function checkUrl(url: string, typed: string): string {
  if (!URL.canParse(url)) throw badSink(`${JSON.stringify(withoutSecret(typed))} is not a URL`);
  const { username, password } = new URL(url);
  if (username === '' && password === '') return url;
  throw logErrors.error('log.bad_sink', 'a user or password in a URL can be read by others on this machine', {
    hint: "put the password into a file: 'loki+https://HOST#user=NAME&password-file=FILE'",
  });
}

function readSettings(tail: string | undefined, kind: SinkKind, name: string): SinkSettings {
  const known = SETTINGS[kind];
  const values = new Map<string, string>();
  for (const pair of tail === undefined ? [] : tail.split('&')) {
    const at = pair.indexOf('=');
    const key = at === -1 ? pair : pair.slice(0, at);
    if (!known.includes(key) || at === -1) throw unknownSetting(key, known, name);
    values.set(key, pair.slice(at + 1));
  }
  return new SinkSettings(values, name);
}

function unknownSetting(key: string, known: readonly string[], sink: string): DsError {
  const nearest = closest(key, known);
  return logErrors.error('log.bad_sink', `${sink} has no setting ${JSON.stringify(key)}`, {
    hint: nearest === undefined ? `behind # it takes ${known.join(', ')}` : `did you mean ${nearest}=…?`,
  });
}

export function badSink(message: string, hint?: string): DsError {
  return logErrors.error('log.bad_sink', message, hint === undefined ? {} : { hint });
}

/** `http://user:pass@host` is not repeated. */
function withoutSecret(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//…@');
}

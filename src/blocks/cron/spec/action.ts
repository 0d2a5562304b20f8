/** What a job does, read: a command, a request, or a ping that comes from elsewhere. */
import type { Action, CommandAction, ExternalAction, HttpAction } from '../job.js';
import { bounds, DEFAULT_SHELL } from './defaults.js';
import type { RawMapping, TextBounds } from './raw-mapping.js';

/** Keys that only a command has. */
const COMMAND_KEYS = ['shell', 'cwd', 'env', 'env-file', 'stdin'] as const;

export const actionKeys = ['command', 'http', 'external', ...COMMAND_KEYS] as const;

const ABSOLUTE_PATH: TextBounds = { mostBytes: bounds.pathBytes, pattern: /^\//, wanted: 'an absolute path' };
const LONG_TEXT: TextBounds = { mostBytes: bounds.textBytes, mayBeEmpty: true };

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]{1,128}$/;
/** RFC 9110, section 5.5, without the characters that have no agreed encoding. */
const FIELD_VALUE = /^[\t\x20-\x7e]*$/;
/** Said by the connection itself. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);
const IN_HEADERS_FILE =
  'keep it in the file of --headers-file, as a line: Authorization: Basic $(printf USER:PASSWORD | base64)';
const PING_KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function readAction(job: RawMapping, makePingKey: (() => string) | undefined): Action {
  const given = ['command', 'http', 'external'].filter((key) => job.has(key));
  const [kind, other] = given;
  if (kind === undefined) throw job.fail('command', 'is missing, and so are http and external: a job does one of them');
  if (other !== undefined) throw job.fail(other, `cannot be given besides ${kind}: a job does one of them`);
  if (kind === 'command') return readCommand(job);
  const stray = COMMAND_KEYS.find((key) => job.has(key));
  if (stray !== undefined) throw job.fail(stray, `is for jobs with a command; this one has ${kind}`);
  return kind === 'http' ? readHttp(job) : readExternal(job, makePingKey);
}

function readCommand(job: RawMapping): CommandAction {
  const command = job.text('command', { mostBytes: bounds.textBytes, pattern: /\S/, wanted: 'a command' }) ?? '';
  const folder = job.text('cwd', ABSOLUTE_PATH);
  const environmentFile = job.text('env-file', ABSOLUTE_PATH);
  const input = job.text('stdin', LONG_TEXT);
  return {
    kind: 'command',
    command,
    shell: job.text('shell', ABSOLUTE_PATH) ?? DEFAULT_SHELL,
    ...(folder !== undefined && { folder }),
    environment: job.has('env') ? readEnvironment(job.nested('env')) : {},
    ...(environmentFile !== undefined && { environmentFile }),
    // Empty is what a command reads anyway.
    ...(input !== undefined && input !== '' && { input }),
  };
}

function readEnvironment(variables: RawMapping): Record<string, string> {
  const names = variables.keys();
  if (names.length > bounds.variables) throw variables.fail('', `has more than ${bounds.variables} variables`);
  const entries = names.map((name): [string, string] => {
    if (!VARIABLE_NAME.test(name)) throw variables.fail(name, 'is no name of a variable: letters, digits and _');
    if (name.startsWith('DS_CRON_')) throw variables.fail(name, 'is set by ds itself at each start');
    return [name, variables.checkText(name, variables.raw(name) ?? '', LONG_TEXT)];
  });
  return Object.fromEntries(entries);
}

function readHttp(job: RawMapping): HttpAction {
  const http = job.nested('http', ['method', 'url', 'headers', 'headers-file', 'body', 'expect']);
  const body = http.text('body', LONG_TEXT);
  const headersFile = http.text('headers-file', ABSOLUTE_PATH);
  const method = http.text('method', { mostBytes: 32, pattern: /^[A-Z]+$/, wanted: 'a method such as GET' });
  if (method === 'CONNECT') throw http.refuse('method', method, 'a method such as GET');
  const expect = http.list('expect', bounds.statuses)?.map((status) => http.checkCount('expect', status, 100, 599));
  return {
    kind: 'http',
    method: method ?? defaultMethod(body),
    url: readUrl(http, 'url', IN_HEADERS_FILE) ?? missing(http, 'url'),
    headers: http.has('headers') ? readHeaders(http.nested('headers')) : {},
    ...(headersFile !== undefined && { headersFile }),
    ...(body !== undefined && { body }),
    ...(expect !== undefined && { expect }),
  };
}

/** As curl does. */
export function defaultMethod(body: string | undefined): string {
  return body === undefined ? 'GET' : 'POST';
}

function readHeaders(headers: RawMapping): Record<string, string> {
  const names = headers.keys();
  if (names.length > bounds.headers) throw headers.fail('', `has more than ${bounds.headers} headers`);
  const entries = names.map((name): [string, string] => {
    if (!TOKEN.test(name)) throw headers.fail(name, 'is no name of a header');
    if (CONNECTION_HEADERS.has(name.toLowerCase())) throw headers.fail(name, 'is set by the connection itself');
    const wanted = 'a line of printable ASCII';
    const limits = { mostBytes: bounds.urlBytes, pattern: FIELD_VALUE, wanted, mayBeEmpty: true };
    return [name, headers.checkText(name, headers.raw(name) ?? '', limits)];
  });
  return Object.fromEntries(entries);
}

/**
 * An address that a request can go to: http or https. It is kept as it was written, and shown wherever the job is: a password has no
 * place in it. @param elsewhere a hint where the password belongs
 */
export function readUrl(fields: RawMapping, name: string, elsewhere: string): string | undefined {
  const wanted = 'a URL such as https://shop.example/jobs/nightly';
  const text = fields.text(name, { mostBytes: bounds.urlBytes, pattern: /^https?:\/\/[^\s]+$/i, wanted });
  if (text === undefined) return undefined;
  if (!URL.canParse(text)) throw fields.refuse(name, text, wanted);
  const { username, password } = new URL(text);
  if (username !== '' || password !== '') {
    throw fields.fail(name, 'has a user or a password in it, which everybody who sees the job would read', elsewhere);
  }
  return text;
}

function readExternal(job: RawMapping, makePingKey: (() => string) | undefined): ExternalAction {
  const external = job.nested('external', ['ping-key']);
  const key = external.raw('ping-key') ?? makePingKey?.();
  const wanted = 'a UUID in lower case';
  if (key === undefined) throw external.fail('ping-key', `is missing: ${wanted}`, 'make one: uuidgen');
  return {
    kind: 'external',
    pingKey: external.checkText('ping-key', key, { mostBytes: 36, pattern: PING_KEY, wanted }),
  };
}

function missing(fields: RawMapping, name: string): never {
  throw fields.fail(name, 'is missing');
}

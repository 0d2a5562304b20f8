/** The request that is sent over and over, as the bytes that go out (RFC 9112, section 3). */
import type { DsError } from '../../errors.js';
import { loadErrors } from '../errors.js';

export interface HttpTarget {
  readonly tls: boolean;
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  /** For Host: with the port where it is not the scheme's. */
  readonly authority: string;
  /** `user:password` in base64, from the URL. */
  readonly basic: string | undefined;
  /** Without credentials, for people. */
  readonly shown: string;
}

/** Error: `load.bad_url`, which never repeats credentials. */
export function parseHttpTarget(text: string): HttpTarget {
  if (!URL.canParse(text))
    throw badUrl(/^[^/@]*$/.test(text) ? `${JSON.stringify(text)} is no URL` : 'the URL cannot be read');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw badUrl(`${url.protocol} is neither http: nor https:`);
  const tls = url.protocol === 'https:';
  return {
    tls,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    authority: url.host,
    basic: credentialsOf(url),
    shown: `${url.protocol}//${url.host}${url.pathname}${url.search}`,
  };
}

function credentialsOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  try {
    return Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  } catch {
    throw badUrl('the credentials of the URL are not percent-encoded');
  }
}

const badUrl = (message: string): DsError =>
  loadErrors.error('load.bad_url', message, { hint: 'write it as http://127.0.0.1:8080/path' });

export interface RequestOptions {
  readonly method: string;
  /** As typed: `Accept: text/plain`. One that is also sent by default replaces that. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | undefined;
  /** `ds/1.2.3 (+load)`. */
  readonly userAgent: string;
}

/** What frames the message is ours to say; the others change what is done with it. */
const OURS = ['content-length', 'transfer-encoding', 'upgrade', 'expect', 'te', 'trailer'];

/** Error: `load.bad_request`. */
export function requestBytes(target: HttpTarget, { method, headers, body, userAgent }: RequestOptions): Buffer {
  if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(method) || method === 'CONNECT') {
    throw badRequest(`${JSON.stringify(method)} is no method that can be sent here`, '--method GET');
  }
  const typed = headers.map(readHeader);
  const fields: [name: string, value: string][] = [
    ['Host', target.authority],
    ['User-Agent', userAgent],
    ['Accept', '*/*'],
    ...(target.basic === undefined ? [] : ([['Authorization', `Basic ${target.basic}`]] as [string, string][])),
  ];
  const kept = fields.filter(([name]) => !typed.some(([other]) => other.toLowerCase() === name.toLowerCase()));
  // A length of 0 is said where the method expects a body (RFC 9110, section 8.6).
  const length = body?.length ?? (/^(POST|PUT|PATCH)$/.test(method) ? 0 : undefined);
  const framing: [string, string][] = length === undefined ? [] : [['Content-Length', String(length)]];
  const lines = [...kept, ...typed, ...framing].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${target.path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'utf8');
  return body === undefined ? head : Buffer.concat([head, body]);
}

function readHeader(text: string): [name: string, value: string] {
  const match = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*?)[ \t]*$/s.exec(text);
  const [, name = '', value = ''] = match ?? [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the field, and begin another
  if (match === null || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
    throw badRequest(`the header ${JSON.stringify(text.slice(0, 64))} is none`, "--header 'Accept: text/plain'");
  }
  if (OURS.includes(name.toLowerCase())) {
    throw badRequest(
      `the header ${name} cannot be set: it says how the request is framed`,
      "--header 'Accept: text/plain'",
    );
  }
  return [name, value];
}

const badRequest = (message: string, hint: string): DsError => loadErrors.error('load.bad_request', message, { hint });

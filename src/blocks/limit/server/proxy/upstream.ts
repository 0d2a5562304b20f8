/** The server behind the reverse proxy: where it is, and the connections to it that are kept open. */
import { Agent, type ClientRequest, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as SecureAgent } from 'node:https';
import { limitErrors } from '../../errors.js';

/** Connections to the server behind at once; further requests wait for one. */
const MOST_SOCKETS = 512;
const MOST_FREE_SOCKETS = 64;
/** Silence after which a request is given up, milliseconds: longer than servers think, shorter than clients wait. */
const SILENCE_MS = 60_000;
/** Of an answer. Bytes. */
const LARGEST_HEADERS = 64 * 1024;

export interface Upstream {
  /** As Host has it. */
  readonly authority: string;
  /** Silence after which it emits `timeout`, milliseconds. */
  readonly silenceMs: number;
  /** Starts a request. The body is the caller's. */
  request(options: Pick<RequestOptions, 'method' | 'path' | 'headers'>): ClientRequest;
  close(): void;
}

/** Error: `limit.bad_upstream`. */
export function openUpstream(text: string, silenceMs = SILENCE_MS): Upstream {
  const url = readUrl(text);
  const secure = url.protocol === 'https:';
  const settings = { keepAlive: true, maxSockets: MOST_SOCKETS, maxFreeSockets: MOST_FREE_SOCKETS };
  const agent = secure ? new SecureAgent(settings) : new Agent(settings);
  const base = url.pathname.replace(/\/$/, '');
  return {
    authority: url.host,
    silenceMs,
    request(options) {
      const path = options.path?.startsWith('/') === true ? base + options.path : options.path;
      return (secure ? requestHttps : requestHttp)({
        ...options,
        path,
        host: url.hostname.replace(/^\[|\]$/g, ''),
        ...(url.port !== '' && { port: url.port }),
        agent,
        timeout: silenceMs,
        maxHeaderSize: LARGEST_HEADERS,
      });
    },
    close: () => agent.destroy(),
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wrong =
    url === undefined
      ? 'is not a URL'
      : url.protocol !== 'http:' && url.protocol !== 'https:'
        ? 'is neither http:// nor https://'
        : url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== ''
          ? 'has more than scheme, host, port and path'
          : undefined;
  if (url !== undefined && wrong === undefined) return url;
  throw limitErrors.error('limit.bad_upstream', `${JSON.stringify(text.slice(0, 256))} ${wrong}`, {
    hint: '--proxy http://127.0.0.1:3000',
  });
}

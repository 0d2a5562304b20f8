/** What the parts of the reverse proxy share. */
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { formatIp } from '../../../../platform/ip-address.js';
import type { TrustedProxies } from '../../client-address.js';
import type { PolicyRequest } from '../../policy/index.js';
import type { LimitEngine } from '../engine.js';
import { oneHeader } from '../http-auth.js';
import type { Upstream } from './upstream.js';

export interface ProxyParts {
  readonly engine: LimitEngine;
  readonly upstream: Upstream;
  readonly trusted: TrustedProxies;
  readonly logger: Logger;
  /** Answers to any Host header: the user opened the port to other machines. */
  readonly open: boolean;
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i;

/** The request target in origin form: clients that take this for their forward proxy send an absolute URL. */
export function targetOf({ url = '/' }: IncomingMessage): string {
  const target = url.replace(ABSOLUTE, '');
  return target.startsWith('/') || target === '*' ? target : `/${target}`;
}

/** An absolute target's authority goes before Host (RFC 9112, section 3.2.2). */
export function hostOf({ url = '/', headers }: IncomingMessage): string | undefined {
  return ABSOLUTE.exec(url)?.[1] ?? headers.host;
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** What the policies look at. */
export function policyRequest({ trusted }: ProxyParts, request: IncomingMessage): PolicyRequest {
  const header = (name: string) => oneHeader(request, name);
  const client = trusted.clientOf(request.socket.remoteAddress, header);
  return {
    method: request.method ?? 'GET',
    path: targetOf(request),
    host: hostOf(request) ?? '',
    header,
    client: client === undefined ? '' : formatIp(client),
  };
}

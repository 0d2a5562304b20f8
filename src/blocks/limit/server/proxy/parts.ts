/** What the parts of the reverse proxy share. */
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { TrustedProxies } from '../../client-address.js';
import { formatIp } from '../../ip-address.js';
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

/** What the policies look at. */
export function policyRequest({ trusted }: ProxyParts, request: IncomingMessage): PolicyRequest {
  const header = (name: string) => oneHeader(request, name);
  const client = trusted.clientOf(request.socket.remoteAddress, header);
  return {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    host: request.headers.host ?? '',
    header,
    client: client === undefined ? '' : formatIp(client),
  };
}

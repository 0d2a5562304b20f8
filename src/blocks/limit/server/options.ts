/** What `ds limit serve` and the `limit` section of ds.yaml can say. */
import type { Checked, OptionSchema } from '../../../platform/config/options.js';
import { sharedOptions } from '../../../platform/daemon/shared-options.js';

const DEFAULT_ADMIN = '127.0.0.1:9391';

export const limitOptions = {
  listen: { kind: 'address', default: '127.0.0.1:6391', about: 'Redis protocol' },
  http: { kind: 'address', default: '127.0.0.1:8391', optional: true, about: 'HTTP; off for none' },
  policy: { kind: 'path', about: 'YAML file of policies for /auth, /v1/check and the proxy; read once, at the start' },
  proxy: { kind: 'text', value: 'URL', about: 'server to be a reverse proxy of, such as http://127.0.0.1:3000' },
  proxyListen: {
    kind: 'address',
    default: '127.0.0.1:8392',
    onlyWith: 'proxy',
    about: 'where the reverse proxy listens; only with proxy',
  },
  trustedProxies: {
    kind: 'text',
    value: 'CIDR,…',
    about: 'peers whose forwarding headers are believed; without it loopback for /auth, none for the proxy',
  },
  forwardingHeader: {
    kind: 'choice',
    choices: ['x-forwarded-for', 'forwarded'],
    default: 'x-forwarded-for',
    about: 'the header in which trusted proxies tell the client; the other one is not read',
  },
  legacyHeaders: { kind: 'switch', default: false, about: 'also send X-RateLimit-Limit, -Remaining and -Reset' },
  ...sharedOptions(DEFAULT_ADMIN),
} as const satisfies OptionSchema;

export type LimitOptions = Checked<typeof limitOptions>;

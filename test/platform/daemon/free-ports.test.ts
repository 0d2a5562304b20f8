import { expect, test } from 'vitest';
import type { OptionSchema } from '../../../src/platform/config/options.js';
import { freePorts } from '../../../src/platform/daemon/free-ports.js';
import { sharedOptions } from '../../../src/platform/daemon/shared-options.js';

test('what listens by default gets a free port, and what is off by default stays off', () => {
  const options = {
    listen: { kind: 'address', default: '127.0.0.1:1053', about: 'DNS' },
    doh: { kind: 'address', default: 'off', optional: true, about: 'DNS over HTTPS' },
    proxy: { kind: 'text', value: 'URL', about: 'what is behind' },
    proxyListen: { kind: 'address', default: '127.0.0.1:8054', onlyWith: 'proxy', about: 'in front of it' },
    http: { kind: 'address', default: '127.0.0.1:8053', optional: true, about: 'HTTP' },
    ...sharedOptions('127.0.0.1:9053'),
  } as const satisfies OptionSchema;
  expect(freePorts(options)).toEqual({ listen: '127.0.0.1:0', http: '127.0.0.1:0', admin: '127.0.0.1:0' });
});

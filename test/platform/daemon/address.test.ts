import { describe, expect, test } from 'vitest';
import {
  formatAddress,
  isLoopback,
  isLoopbackHostHeader,
  parseAddress,
  readAddress,
  readUnguardedAddress,
} from '../../../src/platform/daemon/address.js';

describe('an address to listen on', () => {
  test.each([
    ['127.0.0.1:6390', { host: '127.0.0.1', port: 6390 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65535 }],
    ['0.0.0.0:1', { host: '0.0.0.0', port: 1 }],
    [':6390', { host: '127.0.0.1', port: 6390 }],
    ['6390', { host: '127.0.0.1', port: 6390 }],
  ])('%s is read', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test.each([
    '',
    'host',
    'host:',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '::1:6390',
    '[127.0.0.1]:1',
    'a b:1',
    'redis://a:1',
  ])('%j is refused with the value in the message', (text) => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({ code: 'listen.bad_address', message: expect.stringContaining(`"${text}"`) }),
    );
  });

  test('is written with brackets around IPv6', () => {
    expect(formatAddress({ host: '::1', port: 5 })).toBe('[::1]:5');
    expect(formatAddress({ host: 'localhost', port: 5 })).toBe('localhost:5');
  });
});

describe('loopback', () => {
  test.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST.', '::ffff:127.0.0.1'])('%s is', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', 'localhost.example.com', '', '128.0.0.1', '::ffff:10.0.0.1'])(
    '%j is not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  test('a Host header of a rebound name is told from one of this machine', () => {
    for (const own of ['localhost:8390', '127.0.0.1', '[::1]:8390']) expect(isLoopbackHostHeader(own)).toBe(true);
    for (const foreign of [
      'evil.example:8390',
      undefined,
      '',
      '127.0.0.1.evil.example',
      '127.0.0.1:8390@evil.example',
    ]) {
      expect(isLoopbackHostHeader(foreign)).toBe(false);
    }
  });
});

describe('an open bind', () => {
  const nobody = { requirepassFile: undefined, insecure: false };

  test('is refused, with both ways out', () => {
    expect(() => readAddress('0.0.0.0:6390', '--listen', nobody)).toThrow(
      expect.objectContaining({
        code: 'listen.not_loopback',
        message: expect.stringContaining('--listen 0.0.0.0:6390'),
        hint: expect.stringMatching(/--requirepass-file FILE.*--insecure/),
      }),
    );
  });

  test('is allowed with a password, with the risk accepted, or on loopback', () => {
    const open = { host: '0.0.0.0', port: 6390 };
    expect(readAddress('0.0.0.0:6390', '--listen', { ...nobody, requirepassFile: 'password' })).toEqual(open);
    expect(readAddress('0.0.0.0:6390', '--listen', { ...nobody, insecure: true })).toEqual(open);
    expect(readAddress('[::1]:1', '--listen', nobody)).toEqual({ host: '::1', port: 1 });
  });
});

describe('an open bind of a port that can ask for no password', () => {
  const port = { opens: 'the name server', passwordProtects: 'the admin endpoint' };
  const read = (text: string, insecure: boolean) => readUnguardedAddress(text, '--listen', { insecure }, port);

  test('is refused whatever password there is, and says what a password is good for', () => {
    const options = { requirepassFile: 'password', insecure: false };
    expect(() => readUnguardedAddress('0.0.0.0:53', '--listen', options, port)).toThrow(
      expect.objectContaining({
        code: 'listen.not_loopback',
        message: expect.stringMatching(/^--listen 0\.0\.0\.0:53 would open the name server to other machines/),
        hint: 'add --insecure to accept that; --requirepass-file protects the admin endpoint only',
      }),
    );
  });

  test('is allowed with the risk accepted, or on loopback', () => {
    expect(read('0.0.0.0:53', true)).toEqual({ host: '0.0.0.0', port: 53 });
    expect(read('[::1]:53', false)).toEqual({ host: '::1', port: 53 });
  });
});

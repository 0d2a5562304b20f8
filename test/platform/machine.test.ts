import { describe, expect, test } from 'vitest';
import { type MachineSources, readMachineFingerprint } from '../../src/platform/machine.js';

const ID = '0123456789abcdef0123456789abcdef';

function machine(changes: Partial<MachineSources> & { readonly files?: Record<string, string> } = {}): MachineSources {
  return {
    readFile: (path) => changes.files?.[path],
    run: () => undefined,
    hostname: () => 'box',
    platform: 'linux',
    ...changes,
  };
}

const fingerprint = (files: Record<string, string>, changes: Partial<MachineSources> = {}) =>
  readMachineFingerprint(machine({ files, ...changes }));

describe('the machine fingerprint', () => {
  test('is 64 hexadecimal digits, the same every time', () => {
    expect(readMachineFingerprint()).toMatch(/^[0-9a-f]{64}$/);
    expect(readMachineFingerprint()).toBe(readMachineFingerprint());
  });

  test('is the same from either file of the machine-id, and does not show it', () => {
    const first = fingerprint({ '/etc/machine-id': `${ID}\n` });
    expect(fingerprint({ '/var/lib/dbus/machine-id': ID })).toBe(first);
    expect(first).not.toContain(ID);
  });

  test('keeps when the host is renamed', () => {
    const files = { '/etc/machine-id': ID };
    expect(fingerprint(files, { hostname: () => 'renamed' })).toBe(fingerprint(files));
  });

  test.each(['', 'uninitialized\n', '0'.repeat(32)])(
    'takes %j for no machine-id, and the host name instead',
    (content) => {
      expect(fingerprint({ '/etc/machine-id': content })).toBe(fingerprint({}));
      expect(fingerprint({}, { hostname: () => 'other' })).not.toBe(fingerprint({}));
    },
  );

  test('comes from the hardware on macOS', () => {
    const listing = '  |   "IOPlatformUUID" = "564D3C2A-0B1C-4D5E-8F90-A1B2C3D4E5F6"\n';
    const mac = { platform: 'darwin', run: () => listing };
    expect(fingerprint({}, mac)).toBe(fingerprint({}, { ...mac, hostname: () => 'renamed' }));
    expect(fingerprint({}, mac)).not.toBe(fingerprint({}));
  });

  test('falls back to the host name where macOS says nothing', () => {
    expect(fingerprint({}, { platform: 'darwin' })).toBe(fingerprint({}));
  });
});

import * as Parser from '@oclif/core/parser';
import { describe, expect, test } from 'vitest';
import { optionsFromFlags } from '../../../src/platform/cli/daemon-output.js';
import { serveFlags } from '../../../src/platform/cli/serve-command.js';
import { checkOptions, type OptionSchema } from '../../../src/platform/config/options.js';

const schema = {
  listen: { kind: 'address', default: '127.0.0.1:1053', about: 'where clients connect' },
  zoneFile: { kind: 'paths', about: 'what is served' },
  allowTransfer: { kind: 'texts', value: 'ADDRESS', about: 'who may copy' },
  cacheEntries: { kind: 'count', min: 0, max: 1_000_000, default: 50_000, about: 'what is kept' },
  prefetch: { kind: 'switch', default: false, about: 'ask early', onlyWith: 'cacheEntries' },
} as const satisfies OptionSchema;

/** As a command line gives them, checked. */
async function typed(...argv: string[]) {
  const { flags } = await Parser.parse(argv, { flags: serveFlags('dns', schema), strict: true });
  return checkOptions(schema, optionsFromFlags(schema, flags));
}

describe('flags of serve', () => {
  test('that may be repeated give a list, in the order typed', async () => {
    const argv = ['--zone-file', 'a.zone', '--allow-transfer', '10.0.0.1', '--zone-file=b.zone'];
    expect(await typed(...argv)).toMatchObject({
      zoneFile: ['a.zone', 'b.zone'],
      allowTransfer: ['10.0.0.1'],
    });
  });

  test('take one value each time', async () => {
    await expect(typed('--zone-file', 'a.zone', 'b.zone')).rejects.toThrow('Unexpected argument: b.zone');
  });

  test('that say nothing without another one are refused without it', async () => {
    await expect(typed('--prefetch')).rejects.toThrow('--cache-entries');
    expect(await typed('--prefetch', '--cache-entries', '10')).toMatchObject({ prefetch: true, cacheEntries: 10 });
  });

  test('that are absent leave the defaults', async () => {
    expect(await typed()).toEqual({
      listen: '127.0.0.1:1053',
      zoneFile: [],
      allowTransfer: [],
      cacheEntries: 50_000,
      prefetch: false,
    });
  });

  test('that count are read and bounded as options are', async () => {
    expect(await typed('--cache-entries', '1e5')).toMatchObject({ cacheEntries: 100_000 });
    await expect(typed('--cache-entries', '1e7')).rejects.toMatchObject({ code: 'config.invalid' });
  });

  test('say in help what they take', () => {
    expect(serveFlags('dns', schema)).toMatchObject({
      'zone-file': { helpValue: 'PATH', multiple: true },
      'allow-transfer': { helpValue: 'ADDRESS', multiple: true },
      'cache-entries': { helpValue: 'N', description: 'what is kept (default: 50000)' },
    });
  });
});

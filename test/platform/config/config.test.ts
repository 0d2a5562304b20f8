import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadBlockConfig, loadConfig, readConfig } from '../../../src/platform/config/file.js';
import { checkOptions, type OptionSchema } from '../../../src/platform/config/options.js';
import { refuseExisting, renderConfig, writeConfig } from '../../../src/platform/config/template.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const schema = {
  listen: { kind: 'address', default: '127.0.0.1:6390', about: 'where clients connect' },
  onClockBack: { kind: 'choice', choices: ['wait', 'fail'], default: 'wait', about: 'when the clock steps back' },
  insecure: { kind: 'switch', default: false, about: 'accept the risk' },
  grace: { kind: 'duration', default: '10s', about: 'how long' },
  db: { kind: 'path', about: 'the file' },
  upstream: { kind: 'text', value: 'URL', about: 'what is behind' },
  zoneFile: { kind: 'paths', about: 'what is served' },
  forward: { kind: 'texts', value: 'SERVER', about: 'who is asked' },
  entries: { kind: 'count', min: 0, max: 1_000_000, default: 50_000, about: 'what is kept' },
} as const satisfies OptionSchema;
const schemas = { seq: async () => schema, kv: async () => schema };
const read = (text: string) => readConfig(text, 'ds.yaml', schemas);

describe('ds.yaml', () => {
  test('says which blocks run and with what options', async () => {
    const text = 'blocks:\n  seq:\n    listen: 127.0.0.1:1\n    on-clock-back: fail # why\n  kv:\n';
    expect(await read(text)).toEqual([
      { name: 'seq', options: { listen: '127.0.0.1:1', onClockBack: 'fail' } },
      { name: 'kv', options: {} },
    ]);
    expect(await read('')).toEqual([]);
  });

  test.each([
    ['blocks:\n  seq:\n    lissen: 1', 3, 'lissen', 'did you mean listen?'],
    ['blocks:\n  seq:\n    onClockBack: wait', 3, 'onClockBack', 'did you mean on-clock-back?'],
    ['blocks:\n  sek:\n', 2, 'sek', 'did you mean seq?'],
    ['block:\n  seq:\n', 1, 'block', 'did you mean blocks?'],
    ['blocks:\n  seq:\n\n    on-clock-back: ignore', 4, '"ignore"', 'wait, fail'],
    ['blocks:\n  seq:\n    insecure: maybe', 3, '"maybe"', 'true or false'],
    ['blocks:\n  seq:\n    grace: 5 parsecs', 3, 'parsecs', 'a duration'],
    ['blocks:\n  seq:\n    listen: [1, 2]', 3, 'listen needs a single value', undefined],
    ['blocks:\n  seq:\n    forward: {a: b}', 3, 'forward needs a list of values, or one', undefined],
    ['blocks:\n  seq:\n    forward: [a, [b]]', 3, 'forward needs a list of values, or one', undefined],
    ['blocks:\n  seq:\n    forward: [a, 5]', 3, 'forward cannot be 5', 'a text: who is asked, or a list of such'],
    ["blocks:\n  seq:\n    zone-file: ['']", 3, 'zone-file cannot be ""', 'the path of a file, or a list of such'],
    ['blocks:\n  seq:\n    zone-file:', 3, 'zone-file cannot be null', 'the path of a file'],
    ['blocks:\n  seq:\n    entries: many', 3, 'entries cannot be "many"', 'a whole number from 0 to 1000000'],
    ['blocks:\n  seq:\n    entries: 1.5', 3, 'entries cannot be 1.5', 'a whole number'],
    ['blocks:\n  seq:\n    entries: 1000001', 3, 'entries cannot be 1000001', 'a whole number'],
    ["blocks:\n  seq:\n    upstream: ''", 3, 'upstream cannot be ""', 'what is behind'],
    ['blocks: 7', 1, 'blocks must be a mapping', undefined],
    ['blocks:\n  seq:\n  seq:\n', 2, 'unique', undefined],
    ['blocks:\n  seq: {', 2, 'ds.yaml:2', undefined],
  ])('%j is refused with its line', async (text, line, part, hint) => {
    const failure = await read(text).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'config.invalid', details: { path: 'ds.yaml', line } });
    expect(failure).toMatchObject({ message: expect.stringContaining(part) });
    if (hint !== undefined) expect(failure).toMatchObject({ hint: expect.stringContaining(hint) });
  });

  test('is looked for in the folder, and its absence matters only when it was named', async () => {
    const folder = temporaryFolder();
    expect(await loadConfig(undefined, folder, schemas)).toBeUndefined();
    writeFileSync(join(folder, 'ds.yaml'), 'blocks: {seq: }');
    expect(await loadConfig(undefined, folder, schemas)).toEqual([{ name: 'seq', options: {} }]);
    await expect(loadConfig(join(folder, 'other.yaml'), folder, schemas)).rejects.toMatchObject({
      code: 'config.not_found',
    });
  });

  test('names files from where it is itself', async () => {
    const [block] = await readConfig('blocks: {seq: {db: data/seq.db}}', '/etc/shop/ds.yaml', schemas);
    expect(block?.options).toEqual({ db: '/etc/shop/data/seq.db' });
  });

  test('has lists of as many as are meant, one without brackets', async () => {
    const options = 'zone-file: [shop.zone, /srv/x.zone], forward: 10.0.0.1';
    const [block] = await readConfig(`blocks: {seq: {${options}}}`, '/etc/shop/ds.yaml', schemas);
    expect(block?.options).toEqual({ zoneFile: ['/etc/shop/shop.zone', '/srv/x.zone'], forward: '10.0.0.1' });
    expect(checkOptions(schema, block?.options ?? {})).toMatchObject({
      zoneFile: ['/etc/shop/shop.zone', '/srv/x.zone'],
      forward: ['10.0.0.1'],
    });
    const [one] = await readConfig('blocks: {seq: {zone-file: shop.zone, forward: []}}', '/etc/ds.yaml', schemas);
    expect(one?.options).toEqual({ zoneFile: '/etc/shop.zone', forward: [] });
  });

  test('as ds init writes it is read back as the defaults', async () => {
    const text = renderConfig([{ name: 'seq', summary: 'IDs', options: schema, chosen: { listen: '[::1]:9' } }]);
    expect(await read(text)).toEqual([
      {
        name: 'seq',
        options: { listen: '[::1]:9', onClockBack: 'wait', insecure: false, grace: '10s', entries: 50_000 },
      },
    ]);
    expect(text).toContain('# when the clock steps back: wait, fail');
    expect(text).toContain('# db: FILE');
    expect(text).toContain('# upstream: URL');
  });

  test('has, in what ds init writes, lists ready to be filled in, and those that were chosen', async () => {
    const text = renderConfig([
      { name: 'seq', summary: 'IDs', options: schema, chosen: { forward: ['a b: #c', 'd'.repeat(100)] } },
    ]);
    const [block] = await read(text.replace('# zone-file: ', 'zone-file: '));
    expect(block?.options).toMatchObject({ zoneFile: [resolve('FILE')], forward: ['a b: #c', 'd'.repeat(100)] });
  });

  test('is never overwritten unasked', async () => {
    const path = join(temporaryFolder(), 'ds.yaml');
    await writeConfig(path, 'first', false);
    await expect(writeConfig(path, 'second', false)).rejects.toMatchObject({ code: 'config.exists' });
    expect(() => refuseExisting(path)).toThrow(expect.objectContaining({ code: 'config.exists' }));
    expect(() => refuseExisting(`${path}.other`)).not.toThrow();
    expect(readFileSync(path, 'utf8')).toBe('first');
    await writeConfig(path, 'third', true);
    expect(readFileSync(path, 'utf8')).toBe('third');
  });
});

describe('the section of one block', () => {
  const withTree = { ...schema, jobs: { kind: 'tree', value: '{NAME: {}}', about: 'what the block reads' } } as const;
  const load = (text: string) => {
    const path = join(temporaryFolder(), 'ds.yaml');
    writeFileSync(path, text);
    return loadBlockConfig(path, 'seq', withTree);
  };

  test('is read whatever the others say, a tree as plain values', async () => {
    const text = 'blocks:\n  other: {x: 1}\n  seq:\n    grace: 1s\n    jobs:\n      a: &a {to: [x, 2]}\n      b: *a\n';
    const tree = { a: { to: ['x', 2] }, b: { to: ['x', 2] } };
    expect(await load(text)).toEqual({ name: 'seq', options: { grace: '1s', jobs: tree } });
    expect(await load('blocks:\n  other:\n')).toBeUndefined();
    expect(await load('')).toBeUndefined();
  });

  test('is refused as ds.yaml is, and where aliases multiply', async () => {
    await expect(load('blocks:\n  seq:\n    jbos: {}\n')).rejects.toThrow('ds.yaml:3: there is no option "jbos"');
    const bomb = [
      'a: &a [x, x, x, x]',
      ...'bcdefgh'.split('').map((name, i) => {
        const before = 'abcdefgh'[i];
        return `${name}: &${name} [${`*${before}, `.repeat(9)}x]`;
      }),
    ];
    const text = `blocks:\n  seq:\n    jobs:\n      ${bomb.join('\n      ')}\n`;
    await expect(load(text)).rejects.toMatchObject({ code: 'config.invalid' });
    await expect(loadBlockConfig('/nowhere/ds.yaml', 'seq', withTree)).rejects.toMatchObject({
      code: 'config.not_found',
    });
  });
});

describe('options', () => {
  test('are complete once checked, durations in milliseconds', () => {
    expect(checkOptions(schema, { grace: '1m30s', listen: 6390, insecure: undefined })).toEqual({
      listen: '6390',
      onClockBack: 'wait',
      insecure: false,
      grace: 90_000,
      db: undefined,
      zoneFile: [],
      forward: [],
      entries: 50_000,
    });
  });

  test('that are counts are read as flags and as ds.yaml give them', () => {
    for (const entries of ['50_000', '5e4', 50_000]) expect(checkOptions(schema, { entries }).entries).toBe(50_000);
    for (const entries of ['-1', '1e7', '1.5', Number.NaN, true, null, '']) {
      expect(() => checkOptions(schema, { entries })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    }
  });

  test('that nobody knows are refused by the name of the flag', () => {
    expect(() => checkOptions(schema, { onClokBack: 'wait' })).toThrow(
      expect.objectContaining({ code: 'config.invalid', hint: 'did you mean on-clock-back?' }),
    );
  });
});

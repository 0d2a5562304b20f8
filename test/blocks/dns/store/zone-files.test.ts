import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openZoneFile } from '../../../../src/blocks/dns/store/zone-files.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { buildChildScript } from '../../../helpers/child-script.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

const HEAD = '$ORIGIN example.\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text, 'latin1');
  }
  return folder;
}

const owners = (path: string) => {
  const zone = openZoneFile(path);
  return [...parseMasterFile(zone.chunks, zone)].map(({ name }) => name.toString());
};

const openFiles = () => readdirSync('/proc/self/fd').length;

describe('zone files', () => {
  test('are read in chunks, octet by octet', () => {
    const folder = folderWith({ 'a.zone': `${HEAD}${';'.repeat(100_000)}\nm\xfcller A 192.0.2.1\n` });
    expect(owners(join(folder, 'a.zone'))).toEqual(['example.', 'm\\252ller.example.']);
  });

  test('include files beside them and below, each relative to the file that names it', () => {
    const folder = folderWith({
      'a.zone': `${HEAD}$INCLUDE "parts/www zone" www\nlast A 192.0.2.4\n`,
      'parts/www zone': '@ A 192.0.2.1\n$INCLUDE more\n',
      'parts/more': 'x A 192.0.2.2\n$INCLUDE ../top\n',
      top: 'y A 192.0.2.3\n',
    });
    const expected = ['example.', 'www.example.', 'x.www.example.', 'y.www.example.', 'last.example.'];
    expect(owners(join(folder, 'a.zone'))).toEqual(expected);
  });

  test.each([
    ['a path that leads up', '../secret'],
    ['an absolute path', '/etc/hostname'],
    ['a link to a file', 'link'],
    ['a file in a linked folder', 'links/secret'],
    ['a folder whose name only begins alike', '../zones-private/secret'],
  ])('include nothing outside of their folder: %s', (_, include) => {
    const folder = folderWith({
      'zones/a.zone': `${HEAD}$INCLUDE ${include}\n`,
      secret: 'x A 192.0.2.1\n',
      'zones-private/secret': 'x A 192.0.2.1\n',
    });
    symlinkSync('../secret', join(folder, 'zones/link'));
    symlinkSync('..', join(folder, 'zones/links'));
    const path = join(folder, 'zones/a.zone');
    expect(() => owners(path)).toThrow(
      expect.objectContaining({
        code: 'dns.include_outside',
        message: expect.stringContaining(`${path}:4: `),
        details: expect.objectContaining({ line: 4 }),
      }),
    );
  });

  test('may be reached by a link, with what they include', () => {
    const folder = folderWith({ 'zones/a.zone': `${HEAD}$INCLUDE b\n`, 'zones/b': 'x A 192.0.2.1\n' });
    symlinkSync('zones', join(folder, 'current'));
    expect(owners(join(folder, 'current/a.zone'))).toEqual(['example.', 'x.example.']);
  });

  test('that are not there are told by name, included ones at the line that names them', () => {
    const folder = folderWith({ 'a.zone': `${HEAD}\n$INCLUDE nowhere\n` });
    const missing = join(folder, 'missing');
    const wrong = { code: 'dns.unreadable_zone_file', kind: 'usage' };
    expect(() => owners(missing)).toThrow(
      expect.objectContaining({ ...wrong, message: `cannot read ${missing}: there is no such file` }),
    );
    expect(() => owners(folder)).toThrow(
      expect.objectContaining({ ...wrong, message: expect.stringMatching(/folder$/) }),
    );
    const message = expect.stringMatching(/^.*a\.zone:5: cannot read .*nowhere: there is no such file$/);
    expect(() => owners(join(folder, 'a.zone'))).toThrow(expect.objectContaining({ ...wrong, message }));
  });

  test('are closed when reading ends early, and when it fails', () => {
    const folder = folderWith({
      'a.zone': `${HEAD}$INCLUDE b\n`,
      b: `x A 192.0.2.1\n${';\n'.repeat(100_000)}y A nothing\n`,
    });
    const before = openFiles();
    const zone = openZoneFile(join(folder, 'a.zone'));
    const records = parseMasterFile(zone.chunks, zone);
    records.next();
    records.next();
    expect(openFiles()).toBe(before + 2);
    records.return();
    expect(openFiles()).toBe(before);
    expect(() => owners(join(folder, 'a.zone'))).toThrow(/b:100002: /);
    expect(openFiles()).toBe(before);
  });

  test('come from stdin, too, and then include nothing', async () => {
    const child = await buildChildScript(new URL('zone-from-stdin.ts', import.meta.url));
    onTestFinished(child.remove);
    const run = (input: string) => spawnSync(process.execPath, [child.path], { input, encoding: 'utf8' }).stdout;
    expect(run(`${HEAD}${'x A 192.0.2.1\n'.repeat(50_000)}`)).toBe('50001 records\n');
    expect(run(`${HEAD}$INCLUDE x\n`)).toBe(
      'dns.include_outside stdin:4: a zone from stdin has no folder to include "x" from\n',
    );
  });
});

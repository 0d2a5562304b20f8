/**
 * `npm run pack-test`: packs the project, installs the tarball into an empty prefix as a user would, and runs the
 * installed command there.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'ds-pack-'));

function step(words, program, args, options = {}) {
  process.stdout.write(`${words}\n`);
  return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', ...options });
}

function expect(condition, words) {
  if (!condition) throw new Error(words);
}

try {
  step('packing', 'npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  const prefix = join(folder, 'prefix');
  step(`installing ${tarball} into an empty prefix`, 'npm', [
    'install',
    '--global',
    '--prefix',
    prefix,
    join(folder, tarball),
  ]);
  const ds = join(prefix, 'bin', 'ds');
  const env = { ...process.env, HOME: join(folder, 'home'), DS_HOME: join(folder, 'home', 'ds') };
  const ids = step('ds seq next -n 3', ds, ['seq', 'next', '-n', '3'], { env, cwd: folder }).trim().split('\n');
  expect(
    ids.length === 3 && BigInt(ids[0]) < BigInt(ids[1]) && BigInt(ids[1]) < BigInt(ids[2]),
    `three rising IDs: ${ids}`,
  );
  const help = step('ds seq --help', ds, ['seq', '--help'], { env, cwd: folder });
  expect(help.includes('seq next'), 'the help of a block lists its verbs');
  step('ds tour', ds, ['tour'], { env, cwd: folder });
  process.stdout.write('the packed command installs and runs\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

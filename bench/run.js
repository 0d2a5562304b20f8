/**
 * `npm run bench [-- BLOCK [NAME…]] [--json]`: runs the benchmarks, one after another. `bench/startup.ts` is the
 * start-up of the command itself; `bench/<block>/<name>.ts` measure a block beside its peers in the same run.
 *
 * Node 20 does not run TypeScript, so each benchmark is bundled into a throw-away folder first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const root = resolve(here, '..');

function benchmarksOf(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

function chosen(words) {
  const [block, ...names] = words;
  const folders = readdirSync(here, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'support',
  );
  if (block === undefined)
    return [...benchmarksOf(here), ...folders.flatMap((entry) => benchmarksOf(join(here, entry.name)))];
  if (existsSync(join(here, `${block}.ts`))) return [join(here, `${block}.ts`)];
  const all = folders.some((entry) => entry.name === block) ? benchmarksOf(join(here, block)) : [];
  return names.length === 0 ? all : all.filter((file) => names.includes(basename(file, '.ts')));
}

async function run(file, flags, folder) {
  const outfile = join(folder, `${basename(file, '.ts')}.mjs`);
  const banner = { js: `globalThis.DS_ROOT = ${JSON.stringify(root)};` };
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    banner,
    logLevel: 'error',
  });
  return spawnSync(process.execPath, [outfile, ...flags], { stdio: 'inherit', cwd: root }).status ?? 1;
}

const flags = process.argv.slice(2).filter((word) => word.startsWith('-'));
const files = chosen(process.argv.slice(2).filter((word) => !word.startsWith('-')));
if (files.length === 0) {
  process.stderr.write('error: no such benchmark\nhint:  npm run bench -- seq\n');
  process.exit(2);
}
// Inside node_modules, so that bare imports resolve as the project's own.
const folder = mkdtempSync(join(root, 'node_modules', '.bench-'));
try {
  if (!flags.includes('--json'))
    process.stdout.write(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}\n`);
  for (const file of files) process.exitCode = (await run(file, flags, folder)) || process.exitCode;
} finally {
  rmSync(folder, { recursive: true });
}

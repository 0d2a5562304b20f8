/**
 * `npm run import-rules`: checks who imports whom (.dependency-cruiser.cjs).
 *
 * A rule that can no longer fire passes everything, and a cruise that finds no modules passes too. So the rules are
 * first run over a small tree in which each is broken once, and the real run must have seen the source files.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const rules = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')).forbidden.map((rule) => rule.name);

/** One broken import per rule: file → what it imports. */
const BROKEN = {
  'no-cycles': { 'src/platform/a.ts': './b.js', 'src/platform/b.ts': './a.js' },
  'commands-use-doors': { 'commands/one/get.ts': '../../src/blocks/one/inner.js' },
  'house-commands-use-the-catalogue': { 'commands/up.ts': '../src/blocks/one/index.js' },
  'blocks-are-separate': { 'src/blocks/one/reach.ts': '../two/index.js' },
  'blocks-do-not-know-the-terminal': { 'src/blocks/one/talk.ts': '../../platform/cli/out.js' },
  'platform-knows-no-block': { 'src/platform/peek.ts': '../blocks/one/index.js' },
  'terminal-libraries-in-cli-only': { 'src/platform/shine.ts': 'ora' },
  'terminal-libraries-not-in-commands': { 'commands/one/spin.ts': 'ora' },
  'sqlite-in-store-only': { 'src/blocks/one/store.ts': 'better-sqlite3' },
  'pure-rules-do-no-io': { 'src/blocks/one/rules.ts': 'node:fs' },
  'product-does-not-import-tests': { 'src/platform/cheat.ts': '../../test/fake.js' },
  'only-declared-packages': { 'src/platform/dev.ts': 'fast-check' },
  'not-resolvable': { 'src/platform/lost.ts': './nowhere.js' },
};

const SOUND = [
  'src/blocks/one/index.ts',
  'src/blocks/one/inner.ts',
  'src/blocks/two/index.ts',
  'src/platform/cli/out.ts',
  'test/fake.ts',
];

function cruise(folder, places) {
  const binary = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const flags = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...places];
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] };
  try {
    return JSON.parse(execFileSync(process.execPath, [binary, ...flags], options)).summary;
  } catch (error) {
    if (typeof error.stdout === 'string' && error.stdout.startsWith('{')) return JSON.parse(error.stdout).summary;
    throw error;
  }
}

function rulesThatFire() {
  const folder = mkdtempSync(join(tmpdir(), 'ds-rules-'));
  try {
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      cpSync(join(root, file), join(folder, file));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const files = Object.values(BROKEN).flatMap((imports) => Object.entries(imports));
    for (const [file, imported] of [...SOUND.map((file) => [file, undefined]), ...files]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      const text = imported
        ? `import * as it from '${imported}';\nexport const used = it;\n`
        : 'export const used = 1;\n';
      writeFileSync(join(folder, file), text);
    }
    return new Set(cruise(folder, ['src', 'commands', 'test']).violations.map((violation) => violation.rule.name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const fired = rulesThatFire();
const dead = rules.filter((rule) => !fired.has(rule));
const { violations, totalCruised } = cruise(root, ['bin', 'commands', 'src']);

for (const { rule, from, to } of violations) process.stderr.write(`${rule.name}: ${from} → ${to}\n`);
for (const rule of dead) process.stderr.write(`rule ${rule} did not fire on the tree that breaks it\n`);
if (totalCruised < 30) process.stderr.write(`only ${totalCruised} modules were read\n`);
process.stdout.write(
  `${rules.length - dead.length} of ${rules.length} rules fire, ${totalCruised} modules, ${violations.length} violations\n`,
);
process.exitCode = violations.length + dead.length > 0 || totalCruised < 30 ? 1 : 0;

/**
 * Every example in the help of a block works when pasted: run in order, each command in a home of its own. A shell runs what is more than
 * words; lines of plain words, which each shell reads alike, go the shorter way of runDs(): it takes a fifth of the CPU. A test file for each
 * block, so that several go side by side.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { type RedisServer, startRedisServer } from '../helpers/redis-server.js';
import { runDs } from '../helpers/run-ds.js';
import { makeTemporaryFolder, temporaryFolder } from '../helpers/temporary-folder.js';

const ROOT = join(import.meta.dirname, '../..');
const COMMANDS = join(ROOT, 'commands');

/** serve runs until it is stopped; what measures runs longer than a test may, and has tests of its own. */
const ELSEWHERE = new Set(['serve', 'bench', 'load', 'test']);

/** Examples that answer «no» by their exit code, by what their description says. */
const ANSWERS_NO = /stands twice/;

interface Example {
  readonly description: string;
  readonly command: string;
}

/** Of all commands of a block. */
export async function testExamplesOf(block: string): Promise<void> {
  const examples = await examplesOf(block);
  const bin = makeTemporaryFolder();
  let redis: RedisServer | undefined;
  beforeAll(async () => {
    const program = join(bin.path, 'ds');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/run.js')}' "$@"\n`);
    chmodSync(program, 0o755);
    const needsRedis = [...examples.values()].flat().some(isOfRedis);
    if (needsRedis && hasPackages('redis-server')) redis = await startRedisServer();
  });
  afterAll(async () => {
    await redis?.stop();
    bin.remove();
  });

  test.each([...examples.keys()])('%s', { timeout: 60_000 }, async (id) => {
    const shown = examples.get(id) ?? [];
    expect(shown.length).toBeGreaterThanOrEqual(3);
    const home = temporaryFolder();
    for (const example of shown) {
      const needsRedis = isOfRedis(example);
      if (needsRedis && redis === undefined) continue;
      const script = example.command
        .replaceAll('<%= config.bin %>', 'ds')
        .replaceAll('<%= command.id %>', id.replaceAll('/', ' '))
        .replaceAll(/redis:\/\/127\.0\.0\.1:\d+/g, redis?.url ?? '');
      const all = parts(script);
      for (const [index, part] of all.entries()) {
        const expected = ANSWERS_NO.test(example.description) && index === all.length - 1 ? 1 : 0;
        const words = plainWords(part);
        const run =
          words === undefined ? shell(part, { home, bin: bin.path }) : runDs(words.slice(1), { home, cwd: home });
        const { code, stderr } = await run;
        expect({ part, code, stderr: needsRedis ? '' : stderr }).toEqual({ part, code: expected, stderr: '' });
      }
    }
  });

  test('every block has a file of tests like this one', () => {
    const blocks = readdirSync(COMMANDS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of blocks) expect(existsSync(join(import.meta.dirname, `${name}-examples.test.ts`))).toBe(true);
  });
}

/** By command, `worker/list` as `seq/worker/list`. */
async function examplesOf(block: string): Promise<ReadonlyMap<string, readonly Example[]>> {
  const ids = readdirSync(join(COMMANDS, block), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${block}/${name.slice(0, -'.ts'.length).replaceAll('\\', '/')}`)
    .filter((id) => !ELSEWHERE.has(basename(id)));
  const examples = new Map<string, readonly Example[]>();
  for (const id of ids) {
    const { default: command }: { default: { examples: readonly Example[] } } = await import(`${COMMANDS}/${id}.ts`);
    examples.set(id, command.examples);
  }
  return examples;
}

const isOfRedis = ({ command }: Example) => command.includes('redis://');

/** What a line leaves to those behind it, or has from those before: a variable, a job, a line or a quote that goes on, a document. */
const TIED = [
  /^\w+=|^export |\$[A-Za-z_{]|\bread\b/,
  /(?:^|[^&])&(?:[^&]|$)/,
  /\\$/,
  /^[^']*(?:'[^']*'[^']*)*'[^']*$/,
  /<</,
];

/** Line by line, where none leaves the others more than files; else the script as it is. */
function parts(script: string): readonly string[] {
  const lines = script.split('\n');
  return lines.some((line) => TIED.some((tied) => tied.test(line))) ? [script] : lines;
}

/** The words of `ds …` as every shell reads them; undefined where that takes more than blanks and single quotes. */
function plainWords(line: string): string[] | undefined {
  if (!/^ds(?: (?:[\w./:@%+,=-]|'[^'\n]*')+)+$/.test(line)) return undefined;
  return line.match(/(?:[^ ']|'[^']*')+/g)?.map((word) => word.replaceAll("'", ''));
}

async function shell(
  script: string,
  { home, bin }: { readonly home: string; readonly bin: string },
): Promise<{ code: number | null; stderr: string }> {
  const env = { ...process.env, DS_HOME: home, PATH: `${bin}:${process.env['PATH']}` };
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: home,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

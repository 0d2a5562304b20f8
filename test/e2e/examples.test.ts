/**
 * Every example in the help of the blocks works when pasted: run in order, each command in a home of its own. A shell runs
 * what is more than words, and each command once at least; lines of plain words go the shorter way of runDs().
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { type RedisServer, startRedisServer } from '../helpers/redis-server.js';
import { runDs } from '../helpers/run-ds.js';
import { makeTemporaryFolder, temporaryFolder } from '../helpers/temporary-folder.js';

const ROOT = join(import.meta.dirname, '../..');
const COMMANDS = join(ROOT, 'commands');

/** serve runs until it is stopped; what measures runs longer than a test may, and has tests of its own. */
const ELSEWHERE = new Set(['serve', 'bench', 'load', 'test']);

/** `seq/worker/list`: the commands in the folders of the blocks. */
const ids = readdirSync(COMMANDS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && dirname(name) !== '.')
  .map((name) => name.slice(0, -'.ts'.length).replaceAll('\\', '/'))
  .filter((id) => !ELSEWHERE.has(basename(id)));

/** Examples that answer «no» by their exit code, by what their description says. */
const ANSWERS_NO = /stands twice/;

const withRedis = hasPackages('redis-server');
const bin = makeTemporaryFolder();
let redis: RedisServer | undefined;

beforeAll(async () => {
  const program = join(bin.path, 'ds');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/run.js')}' "$@"\n`);
  chmodSync(program, 0o755);
  if (withRedis) redis = await startRedisServer();
});
afterAll(async () => {
  await redis?.stop();
  bin.remove();
});

test.each(ids)(
  '%s',
  async (id) => {
    const examples = await examplesOf(id);
    expect(examples.length).toBeGreaterThanOrEqual(3);
    const home = temporaryFolder();
    const own = `ds ${id.replaceAll('/', ' ')} `;
    let shellRanIt = false;
    for (const { description, command } of examples) {
      const needsRedis = command.includes('redis://');
      if (needsRedis && redis === undefined) continue;
      const script = command
        .replaceAll('<%= config.bin %>', 'ds')
        .replaceAll('<%= command.id %>', id.replaceAll('/', ' '))
        .replaceAll(/redis:\/\/127\.0\.0\.1:\d+/g, redis?.url ?? '');
      const expected = ANSWERS_NO.test(description) ? 1 : 0;
      for (const part of parts(script)) {
        const words = plainWords(part);
        const inShell = words === undefined || (!shellRanIt && part.startsWith(own));
        const run = inShell ? shell(part, home) : runDs(words.slice(1), { home, cwd: home });
        const { code, stderr } = await run;
        expect({ part, code, stderr: needsRedis ? '' : stderr }).toEqual({ part, code: expected, stderr: '' });
        if (inShell && part.includes(own)) shellRanIt = true;
      }
    }
    expect(shellRanIt).toBe(true);
  },
  60_000,
);

interface Example {
  readonly description: string;
  readonly command: string;
}

async function examplesOf(id: string): Promise<readonly Example[]> {
  const { default: command }: { default: { examples: readonly Example[] } } = await import(`${COMMANDS}/${id}.ts`);
  return command.examples;
}

/** Lines, where each is a command of plain words; else the script as it is. */
function parts(script: string): readonly string[] {
  const lines = script.split('\n');
  return lines.every((line) => plainWords(line) !== undefined) ? lines : [script];
}

/** The words of `ds …` as any shell would read them; undefined where that takes more than blanks and single quotes. */
function plainWords(line: string): string[] | undefined {
  if (!/^ds(?: (?:[\w./:@%+,=-]|'[^'\n]*')+)+$/.test(line)) return undefined;
  return line.match(/(?:[^ ']|'[^']*')+/g)?.map((word) => word.replaceAll("'", ''));
}

async function shell(script: string, home: string): Promise<{ code: number | null; stderr: string }> {
  const env = { ...process.env, DS_HOME: home, PATH: `${bin.path}:${process.env['PATH']}` };
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

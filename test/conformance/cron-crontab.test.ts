/**
 * Debian's own cron says what a crontab means: its jobs are run by a shell that only writes down what it was given, and ours must
 * read the same command, input, variables and folder from the same lines; and refuse what cron refuses. Differences that are meant:
 *
 * - `A=` without quotes is an empty value, as cronie has it; Debian's cron refuses the whole crontab
 * - a name with a quote in it (`A"=b`) is none
 * - CRON_TZ is the zone of the schedule, and no variable of the command
 * - blanks before the command are not part of it
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCrontab, writeCrontab } from '../../src/blocks/cron/crontab.js';
import { DsError } from '../../src/platform/errors.js';
import { hasPackages } from '../helpers/programs.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

/** What the command of a crontab's only job gets; undefined where the crontab is refused. */
interface Given {
  readonly command: string;
  readonly input: string;
  readonly folder: string | undefined;
  /** `NAME=value`, sorted. */
  readonly variables: readonly string[];
}

/** A shell for `SHELL -c COMMAND` that leaves files, the last one when the others are complete. */
const RECORDER = `#!/bin/sh
case=FOLDER/case-$DS_CASE
printf %s "$2" > "$case.command"
pwd > "$case.folder"
/bin/cat > "$case.input"
/bin/cat "/proc/$$/environ" > "$case.environment"
: > "$case.done"
`;

/** Cron's places are compiled in: it sees folders of its own by mounts that nobody else sees. The empty /run is a boot to it. */
const SCRIPT = `set -e
mount -t tmpfs none /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
mount -t tmpfs none /etc/cron.d
cp tables/* /etc/cron.d
chmod 644 /etc/cron.d/*
mount --bind /dev/null /etc/crontab
mount -t tmpfs none /run
exec cron -f`;

const OPTIONS = { filename: 'tab', form: 'system', user: 'root', home: '/root', timeZone: 'UTC' } as const;

async function runByDebian(tables: readonly string[]): Promise<(Given | undefined)[]> {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, name);
  writeFileSync(file('recorder'), RECORDER.replace('FOLDER', folder), { mode: 0o755 });
  mkdirSync(file('tables'));
  const all = [...tables, '@reboot root the last one\n'];
  for (const [index, text] of all.entries()) {
    writeFileSync(file(`tables/case-${index}`), `SHELL=${file('recorder')}\nDS_CASE=${index}\n${text}`);
  }
  const child = spawn('unshare', ['-m', 'sh', '-c', SCRIPT], { cwd: folder, stdio: 'ignore' });
  const exit = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const children = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  // All of them are started at once; it has no children left when the last has ended.
  await waitFor(() => existsSync(file(`case-${tables.length}.done`)) && children() === '', { timeoutMs: 50_000 });
  return tables.map((_, index) => {
    if (!existsSync(file(`case-${index}.done`))) return undefined;
    const read = (what: string) => readFileSync(file(`case-${index}.${what}`), 'utf8');
    const variables = read('environment').split('\0').filter(Boolean).sort();
    return {
      command: read('command').trimStart(),
      input: read('input'),
      folder: read('folder').slice(0, -1),
      variables: variables.filter((line) => !/^(?:SHELL|DS_CASE|CRON_TZ)=/.test(line)),
    };
  });
}

function readByUs(text: string): Given | undefined {
  try {
    const [action] = readCrontab(text, OPTIONS).jobs.map((job) => job.action);
    if (action?.kind !== 'command') return undefined;
    const { command, input = '', folder, environment } = action;
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    return { command, input, folder, variables: variables.sort() };
  } catch (error) {
    if (error instanceof DsError && error.code === 'cron.bad_crontab') return undefined;
    throw error;
  }
}

const text = (characters: string, most: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: 0, maxLength: most });
const commands = text('%%\\\\\\a "\'#=\t$é', 10).map((tail) => `x${tail}`);
const values = fc.tuple(
  text(' \t', 1),
  fc.constantFrom('=', ' = ', '=  '),
  text('""\'\' a=#%$\\é', 6).filter((value) => value.trim() !== ''),
);
const names = fc.constantFrom('A', '"A"', "'A'", ' A', 'B_2', '"A', 'A b');
const variables = fc.tuple(names, values).map(([name, [gap, equals, value]]) => `${name}${gap}${equals}${value}`);
const tables = fc
  .tuple(fc.array(variables, { maxLength: 2 }), commands)
  .map(([above, command]) => `${[...above, `@reboot root ${command}`].join('\n')}\n`);

describe.runIf(hasPackages('cron', 'util-linux'))("Debian's cron", () => {
  it('gives a command what ours does', async () => {
    const known = [
      '@reboot root date +\\%s; echo a\\\\nb "\\$x" \\\\%Dear%%all\\%\\\\%end\n',
      'HOME=/srv\nPATH="/opt/my bin:/bin"\nLOGNAME=eve\nMAILTO=ops\nCRON_TZ=Asia/Tokyo\n@reboot root x  # y \n',
      '  A = a b  \n\t@reboot\troot\t x\n',
      'A=""\nB=\'\'\nA="b"\n@reboot root x\n',
      'A=b # c\n# A=d\n  # e\n@reboot root x\n',
      'A=b\n',
      '@reboot root\n',
      '@Reboot root x\n',
      '@dayly root x\n',
      '* * * * $x root x\n',
      'A="b" c\n@reboot root x\n',
      '- * * * * root x\n@reboot root x\n',
    ];
    const cases = [...known, ...fc.sample(tables, { numRuns: 250, seed: 20_261_126 })];
    const theirs = await runByDebian(cases);
    expect(theirs.filter((given) => given !== undefined).length).toBeGreaterThan(100);
    expect(theirs).toEqual(cases.map(readByUs));
  });

  it('runs what ours writes as what was read', async () => {
    const cases = fc.sample(tables, { numRuns: 150, seed: 26 }).filter((table) => readByUs(table) !== undefined);
    const written = cases.map((table) => writeCrontab(readCrontab(table, OPTIONS).jobs, OPTIONS));
    const theirs = await runByDebian(written.map((one) => one.text));
    const expected = cases.map((table, index) => (written[index]?.jobCount === 0 ? undefined : readByUs(table)));
    expect(expected.filter((given) => given !== undefined).length).toBeGreaterThan(50);
    expect(theirs).toEqual(expected);
  });
});

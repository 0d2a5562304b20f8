/** The launcher as its requests and events show it: no words, limits or slow programs confuse it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { endLauncher, frame, startLauncher } from '../../../../src/blocks/cron/runner/launcher-process.js';
import { isAlive } from '../../../../src/blocks/cron/runner/processes.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';

interface Program {
  readonly id: string;
  readonly folder?: string;
  readonly words: readonly string[];
  readonly environment?: readonly string[];
}

async function openLauncher(path = process.env['PATH']) {
  const launcher = await startLauncher(path, systemClock);
  if (launcher === undefined) throw new Error('there is no Perl');
  const heard: string[] = [];
  launcher.events.on('line', (line) => heard.push(line));
  const pidOf = (id: string) => Number(heard.find((line) => line.startsWith(`started ${id} `))?.split(' ')[2]);
  onTestFinished(async () => {
    if (launcher.process.signalCode === null) await endLauncher(launcher, systemClock);
    for (const id of heard.flatMap((line) => /^started (\S+)/.exec(line)?.[1] ?? [])) {
      const isOver = heard.some((line) => line.startsWith(`ended ${id} `) || line.startsWith(`failed ${id} `));
      if (!isOver && isAlive(pidOf(id))) process.kill(-pidOf(id), 'SIGKILL');
    }
  });
  return {
    ...launcher,
    heard,
    pidOf,
    launch: ({ id, folder = '/', words, environment = [] }: Program) =>
      launcher.requests.write(frame(['launch', id, folder, '/dev/null', words.length, ...words, ...environment])),
    hears: (pattern: RegExp) =>
      waitFor(() => heard.some((line) => pattern.test(line)), { what: `${pattern} of ${heard.join(', ')}` }),
    /** Told as started it may be none yet. */
    isProgram: (id: string, name: string) => readFileSync(`/proc/${pidOf(id)}/comm`, 'latin1') === `${name}\n`,
    descriptors: () => readdirSync(`/proc/${launcher.pid}/fd`).length,
  };
}

/** An executable whose exec waits, as one of a dead server would, until it is let go or the time of leases is over (45 s). */
async function slowProgram(content: string) {
  const path = join(temporaryFolder(), 'slow');
  writeFileSync(path, content, { mode: 0o700 });
  // F_SETLEASE, F_WRLCK and F_UNLCK; SIGIO tells that somebody waits.
  const hold =
    '$| = 1; $SIG{IO} = sub { print "waits\\n" }; open(F, "<", shift) or die; fcntl(F, 1024, 1) or die; print "held\\n"; while (<STDIN>) {} fcntl(F, 1024, 2)';
  const holder = spawn('perl', ['-e', hold, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void holder.kill('SIGKILL'));
  const lines = createInterface({ input: holder.stdout });
  await once(lines, 'line');
  return { path, waits: once(lines, 'line'), letGo: () => holder.stdin.end() };
}

test('words and variables arrive as they are, whatever they look like and however the request comes', async () => {
  const { requests, hears, heard, pidOf, isProgram } = await openLauncher();
  const words = ['0', '12', '', ' ', '1e3', 'two\nlines', 'ü😀', '"$(exit)"', 'x'.repeat(100_000)];
  const environment = [
    'EMPTY=',
    'LINES=a\nb\n',
    'BYTES=ü\u0080',
    ...Array.from({ length: 1_000 }, (_, n) => `V${n}=${n}`),
  ];
  const program = ['/bin/sh', '-c', 'kill -STOP $$', ...words];
  const request = frame(['launch', '1', '/tmp', '/dev/null', program.length, ...program, ...environment]);
  // Its length in two parts, its end together with the next.
  requests.write(request.subarray(0, 3));
  for (let at = 3; at < request.length - 10; at += 20_000) {
    await new Promise((resolve) =>
      requests.write(request.subarray(at, Math.min(at + 20_000, request.length - 10)), resolve),
    );
  }
  requests.write(Buffer.concat([request.subarray(-10), frame(['ask']), frame(['ask'])]));
  await hears(/^started 1 /);
  await waitFor(() => isProgram('1', 'sh'));
  const texts = (name: string) =>
    readFileSync(`/proc/${pidOf('1')}/${name}`, 'utf8')
      .split('\0')
      .slice(0, -1);
  expect(texts('cmdline')).toEqual(program);
  expect(texts('environ')).toEqual(environment);
  await waitFor(() => heard.filter((line) => line === 'here').length === 2);
});

test('what cannot be started has failed with its reason, and leaves no descriptor', async () => {
  const { pid, launch, hears, heard, descriptors, requests } = await openLauncher();
  const before = descriptors();
  launch({ id: 'none', words: ['/no/such/program'] });
  launch({ id: 'folder', folder: '/no/such/folder', words: ['/bin/true'] });
  launch({ id: 'long', words: ['/bin/true', 'x'.repeat(200_000)] });
  requests.write(frame(['launch', 'input', '/', '/proc/self/fd/999', 1, '/bin/true']));
  await hears(/^failed input 2$/);
  expect(heard.slice(-4)).toEqual(['failed none 2', 'failed folder 2', 'failed long 7', 'failed input 2']);
  // Each of those that a start needs is once the one too many.
  for (let files = before; files < before + 7; files++) {
    execFileSync('prlimit', [`--nofile=${files}:`, '--pid', String(pid)]);
    launch({ id: `full${files}`, words: ['/bin/true'] });
    await hears(new RegExp(`^failed full${files} 24$`));
  }
  execFileSync('prlimit', [`--nofile=${before + 7}:`, '--pid', String(pid)]);
  launch({ id: 'enough', words: ['/bin/true'] });
  await hears(/^ended enough 0$/);
  requests.write(frame(['release', 'enough']));
  await waitFor(() => descriptors() === before);
});

test('what the daemon had inherited does not reach its programs', async () => {
  const folder = temporaryFolder();
  const secret = join(folder, 'secret');
  writeFileSync(secret, '');
  const perl = `#!/bin/sh\nexec 9<${secret}\nPATH='${process.env['PATH']}' exec perl "$@"\n`;
  writeFileSync(join(folder, 'perl'), perl, { mode: 0o700 });
  const { pid, launch, hears, pidOf, isProgram } = await openLauncher(folder);
  launch({ id: 'sleep', words: ['/bin/sleep', '1000'] });
  await hears(/^started sleep /);
  await waitFor(() => isProgram('sleep', 'sleep'));
  for (const process of [pid, pidOf('sleep')]) {
    const open = readdirSync(`/proc/${process}/fd`).map((name) => readlinkSync(`/proc/${process}/fd/${name}`));
    expect(open).not.toContain(secret);
  }
  expect(readdirSync(`/proc/${pidOf('sleep')}/fd`)).toEqual(['0', '1', '2']);
});

test('a program that takes long to become one keeps no other from starting, whatever ends meanwhile', async () => {
  const slow = await slowProgram('#!/bin/sh\nexit 3\n');
  const { launch, hears, heard } = await openLauncher();
  // Whose orphans end all the time.
  for (const id of ['busy1', 'busy2', 'busy3']) launch({ id, words: ['/bin/sh', '-c', 'while :; do (: &); done'] });
  await hears(/^started busy3 /);
  launch({ id: 'slow', words: [slow.path] });
  launch({ id: 'other', words: ['/bin/true'] });
  await slow.waits;
  await hears(/^ended other 0$/);
  expect(heard.findIndex((line) => line.startsWith('started slow'))).toBeLessThan(heard.indexOf('ended other 0'));
  slow.letGo();
  await hears(/^ended slow 768$/);
});

test('one that could not become its program after all has failed; it hears signals before', async () => {
  const bad = await slowProgram('neither a script nor a program');
  const { launch, hears, pidOf, heard } = await openLauncher();
  launch({ id: 'bad', words: [bad.path] });
  await hears(/^started bad /);
  bad.letGo();
  await hears(/^failed bad 8$/);

  const slow = await slowProgram('#!/bin/sh\nexit 3\n');
  launch({ id: 'slow', words: [slow.path] });
  await hears(/^started slow /);
  process.kill(-pidOf('slow'), 'SIGTERM');
  await hears(/^ended slow 15$/);
  expect(heard.filter((line) => /^(ended bad|failed slow)/.test(line))).toEqual([]);
});

test('its end is seen although a program has not become one yet', async () => {
  const slow = await slowProgram('#!/bin/sh\nexit 3\n');
  const { launch, hears, process: launcher } = await openLauncher();
  launch({ id: 'slow', words: [slow.path] });
  await hears(/^started slow /);
  const closed = once(launcher, 'close');
  launcher.kill('SIGKILL');
  await closed;
});

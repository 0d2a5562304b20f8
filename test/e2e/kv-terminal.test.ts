/** `ds kv` on a terminal: the prompt of the shell, and what comes from outside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { runDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const RUN = join(import.meta.dirname, '../../bin/run.js');

function onTerminal(home: string, command: string) {
  const child = spawn('script', ['-qec', `${process.execPath} ${RUN} ${command}`, '/dev/null'], {
    env: { ...process.env, DS_HOME: home, TERM: 'xterm', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return {
    type: (keys: string) => child.stdin.write(keys),
    sees: (what: string | RegExp) => waitFor(() => text.search(what) >= 0, { what: `${what} on the terminal` }),
    forget: () => {
      text = '';
    },
    ended,
    text: () => text,
  };
}

describe.skipIf(!hasPackages('bsdutils'))('on a terminal', () => {
  test('the shell has a prompt, completion by tab, and a history that is kept', async () => {
    const home = temporaryFolder();
    await runDs(['kv', 'put', 'greeting:1', 'hello'], { home });
    const first = onTerminal(home, 'kv shell');
    await first.sees('kv> ');
    first.type('GETRA');
    await first.sees('GETRA');
    first.type('\t');
    await first.sees('GETRANGE ');
    first.type('gree');
    await first.sees('gree');
    first.type('\t');
    await first.sees('greeting:1');
    first.type(' 1 3\r');
    await first.sees('ell\r\n');
    first.type('AUTH secret\r');
    await first.sees('(error)');
    first.forget();
    first.type('typed in vain\x03');
    await first.sees('kv> ');
    first.type('\x04');
    await first.ended;
    const history = join(home, 'kv.history');
    expect(readFileSync(history, 'utf8')).toBe('GETRANGE greeting:1 1 3\n');
    expect(statSync(history).mode & 0o777).toBe(0o600);

    const second = onTerminal(home, 'kv shell');
    await second.sees('kv> ');
    second.type('\x1b[A');
    await second.sees('GETRANGE greeting:1');
    second.type('\r');
    await second.sees('ell\r\n');
    second.type('exit\r');
    await second.ended;
  });

  test('Ctrl-C ends a command of the shell that waits for a server', async () => {
    const home = temporaryFolder();
    const daemon = await startDs(['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], { home });
    const url = daemon.ready.endpoints['redis'] ?? '';
    const terminal = onTerminal(home, `kv shell --url ${url}`);
    await terminal.sees('> ');
    terminal.type('BLPOP none 0\r');
    const ask = (input: string) => runDs(['kv', 'shell', '--url', url], { home, input }).then(({ stdout }) => stdout);
    await waitFor(async () => (await ask('INFO clients')).includes('blocked_clients:1'), {
      what: 'a client that waits',
    });
    terminal.type('\x03');
    expect(await terminal.ended).toEqual([130, null]);
    await daemon.stop();
  });

  test.each(['get k', 'list', 'scan', 'export', 'watch --from-revision 1 -n 1', 'get k --json'])(
    'ds kv %s lets nothing drive it',
    async (command) => {
      const home = temporaryFolder();
      await runDs(['kv', 'put', 'k\x1b]0;title\x07', 'x'], { home });
      await runDs(['kv', 'put', 'k', '\x1b[31mred\x9b2J'], { home });
      const terminal = onTerminal(home, `kv ${command}`);
      await terminal.ended;
      expect(terminal.text()).not.toBe('');
      for (const bad of ['\x1b]', '\x1b[31m', '\x9b', '\x07']) expect(terminal.text()).not.toContain(bad);
    },
  );
});

/** What new users of `ds log` run into: typing errors and what is not there are told, and nothing that was typed is passed over. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

test('ds log ship tells what is not there, refuses what is no source, and flags that a file of pipelines would not heed', async () => {
  const home = temporaryFolder();
  const ship = async (...args: string[]) => {
    const { code, stderr } = await runDs(['log', 'ship', '--once', ...args], { home, cwd: home });
    return { code, stderr };
  };
  writeFileSync(join(home, 'a.log'), 'one\n');
  writeFileSync(join(home, 'ds.yaml'), 'blocks: {log: {pipelines: {web: {sources: [a.log]}}}}\n');
  expect(await ship('a.log', 'b.log', '*.lgo')).toEqual({
    code: 0,
    stderr: 'warning: b.log: there is no such file\nwarning: *.lgo: there is no such file\n',
  });
  expect(await ship('syslog://127.0.0.1:5514')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no source "syslog://127.0.0.1:5514"'),
  });
  expect(await ship('syslog+udp://0.0.0.0:5514')).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /^error: syslog\+udp 0\.0\.0\.0:5514 would open .*\nhint: {2}add --insecure to accept that\n$/,
    ),
  });
  for (const flag of ['--transform=redact=cards', '--to=-', '--job=web']) {
    expect(await ship('--config', 'ds.yaml', flag)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exclude'),
    });
  }
  expect(await ship('--config', 'ds.yaml', '--', 'echo')).toMatchObject({ code: 2 });
  expect(await ship('--config', 'ds.yaml', 'web')).toEqual({ code: 0, stderr: '' });
  expect(await ship('--to', '-', '--', 'true')).toEqual({ code: 0, stderr: '' });
  expect(await ship('--to', '-', '--verbose', '--', 'true')).toMatchObject({
    stderr: 'true: ended with exit code 0\n',
  });
});

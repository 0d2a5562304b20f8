/** `ds limit policy check` and `show`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runDs, runDsJson } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const POLICIES = `policies:
  - name: login
    match: {path: /login, method: POST}
    key: client
    limits:
      - {name: minute, rate: 5/min}
      - {name: day, rate: 100/d, algorithm: fixed-window}
  - name: api
    match: {path: '/api/**'}
    key: header:x-api-key
    limits:
      - {rate: 100/s, burst: 200}
    shadow: true
`;

function policyFile(text = POLICIES): string {
  const path = join(temporaryFolder(), 'policies.yaml');
  writeFileSync(path, text);
  return path;
}

test('check sums up', async () => {
  const path = policyFile();
  expect(await runDs(['limit', 'policy', 'check', path])).toMatchObject({
    ...{ code: 0, stdout: 'policies\t2\nlimits\t3\nshadow\t1\n', stderr: '' },
  });
  expect(await runDsJson(['limit', 'policy', 'check', path])).toEqual({ policies: 2, limits: 3, shadow: 1 });
  expect((await runDs(['limit', 'policy', 'check', '-'], { input: POLICIES })).code).toBe(0);
});

test.each([
  ['policies:\n  - name: a\n    limits: [{rate: 0/s}]\n', '0/s'],
  ['policies:\n  - name: a\n    limitz: [{rate: 1/s}]\n', 'limitz'],
  ['policies: [', ':1: '],
  ['', 'no policies'],
])('check refuses %j with 2, the file and what is wrong', async (text, value) => {
  const path = policyFile(text);
  const { code, stderr } = await runDs(['limit', 'policy', 'check', path]);
  expect(code).toBe(2);
  expect(stderr).toContain(value);
  expect(stderr).toContain(path);
});

test('an input without end is refused, not collected', async () => {
  const { code, stderr } = await runDs(['limit', 'policy', 'check', '-'], { input: 'x'.repeat(8 * 1024 * 1024) });
  expect([code, stderr]).toEqual([2, expect.stringContaining('longer')]);
});

test('show tells what the policies say', async () => {
  const { stdout } = await runDs(['limit', 'policy', 'show', policyFile()]);
  const rows = stdout.trimEnd().split('\n');
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatch(/^login\/minute\t5\/min\tgcra\t5\t1\tclient$/);
  expect(rows[1]).toMatch(/^login\/day\t100\/d\tfixed-window\t100\t1\tclient$/);
  expect(rows[2]).toMatch(/^api\/\S+\t100\/s\tgcra\t200\t1\theader:x-api-key$/);
});

test('show tells what counts a request, and by which key', async () => {
  const path = policyFile();
  const request = (...flags: string[]) => runDs(['limit', 'policy', 'show', path, ...flags]);
  const login = await request('--method', 'post', '--path', '/%6Cogin?x=1', '--client', '2001:db8::7');
  expect(login.code).toBe(0);
  expect(
    login.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').slice(0, 2)),
  ).toEqual([
    ['login/minute', '2001:db8::/64'],
    ['login/day', '2001:db8::/64'],
  ]);
  const api = await runDsJson(['limit', 'policy', 'show', path, '--path', '/api/users', '--header', 'X-Api-Key: abc']);
  expect(api).toMatchObject({ counted: [{ key: 'abc', limit: '100/s by gcra, burst 200', cost: 1, shadow: true }] });
  const none = await request('--path', '/other');
  expect([none.code, none.stdout]).toEqual([1, '']);
  const bad = await request('--header', 'no colon');
  expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('no colon')]);
});

test("the policies in the block's README can be served", async () => {
  const readme = readFileSync(join(import.meta.dirname, '../../src/blocks/limit/README.md'), 'utf8');
  const [, policies = ''] = /```yaml\n(policies:[\s\S]*?)```/.exec(readme) ?? [];
  expect(await runDs(['limit', 'policy', 'check', '-'], { input: policies })).toMatchObject({
    ...{ code: 0, stdout: 'policies\t2\nlimits\t3\nshadow\t1\n' },
  });
});

/** `ds dns trace`, `compare`, `diff` and `bench` as they are built, against daemons of ours. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePorts } from '../helpers/name-servers.js';
import { hasPackages } from '../helpers/programs.js';
import { NO_COMPILE_CACHE, runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const ROOT = join(import.meta.dirname, '../..');

/** A daemon with a zone out of this master file, at an address of this machine. */
async function serve(address: string, port: number, origin: string, lines: string, ...more: string[]) {
  const folder = temporaryFolder();
  const file = join(folder, 'zone');
  writeFileSync(file, `$TTL 60\n@ SOA ns me 1 60 60 60 60\n${lines}\n`);
  const home = temporaryFolder();
  const imported = await runDs(['dns', 'zone', 'import', file, '--origin', origin], { home });
  if (imported.code !== 0) throw new Error(imported.stderr);
  return startDs(['dns', 'serve', '--listen', `${address}:${port}`, '--admin', 'off', ...more], { home });
}

/** What a command prints on a terminal. */
async function onTerminal(...words: string[]): Promise<{ code: number | null; text: string }> {
  const command = `stty cols 100; exec '${process.execPath}' '${join(ROOT, 'bin/run.js')}' ${words.join(' ')}`;
  const env = { ...process.env, DS_HOME: temporaryFolder(), LC_ALL: 'C.UTF-8', TERM: 'xterm', NO_COLOR: '1' };
  const child = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, text: text.replaceAll('\r', '') };
}

const ROOT_ZONE = '@ NS ns.root.\nns.root. A 127.0.0.1\nshop.test. NS ns.shop.test.\nns.shop.test. A 127.0.0.2';
const SHOP = '@ NS ns\nns A 127.0.0.2\nwww A 10.0.0.7\nweb CNAME www\nwww TXT "\\027[31mred"';

describe('ds dns trace', () => {
  async function internet() {
    const [port = 0] = await freePorts(1);
    await serve('127.0.0.1', port, '.', ROOT_ZONE);
    await serve('127.0.0.2', port, 'shop.test', SHOP);
    return { port, hint: ['--hint', `127.0.0.1:${port}`] };
  }

  test('a pipe gets the queries and the answers between tabs', async () => {
    const { hint } = await internet();
    const { code, stdout, stderr } = await runDs(['dns', 'trace', 'web.shop.test', ...hint]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(lines.map(([kind]) => kind)).toEqual(['query', 'query', 'answer', 'answer']);
    expect(lines[1]).toEqual([
      ...['query', '2', '0', 'shop.test.', 'ns.shop.test.', '127.0.0.2', 'web.shop.test.', 'A'],
      ...[expect.stringMatching(/^\d+\.\d{3}$/), 'NOERROR', 'aa', 'answer', expect.stringContaining('is an alias of')],
    ]);
    expect(lines.at(-1)).toEqual(['answer', 'www.shop.test.', '60', 'IN', 'A', '10.0.0.7']);
  });

  test('a file of hints, and a port for all', async () => {
    const { port } = await internet();
    const hints = join(temporaryFolder(), 'hints');
    writeFileSync(hints, '. 3600000 NS A.ROOT.\nA.ROOT. 3600000 A 127.0.0.1\n');
    const words = ['dns', 'trace', 'www.shop.test', '--hints', hints];
    expect(await runDsJson([...words, '--port', String(port)])).toMatchObject({ outcome: 'answer', queries: 2 });
    writeFileSync(hints, '. 3600000 NS A.ROOT.\n');
    expect(await runDs(words)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('names no server of the root'),
    });
    expect(await runDs(['dns', 'trace', 'a.test', '--hints', '/nonexistent'])).toMatchObject({ code: 2 });
    expect(await runDs(['dns', 'trace', 'a.test', '--hint', 'a.root-servers.net'])).toMatchObject({ code: 2 });
  });

  test('where delegations lead to nobody: the steps, the reason, exit code 3', async () => {
    const [port = 0] = await freePorts(1);
    await serve('127.0.0.1', port, '.', ROOT_ZONE);
    const words = ['dns', 'trace', 'www.shop.test', '--hint', `127.0.0.1:${port}`, '--retries', '0'];
    const piped = await runDs(words);
    expect(piped).toMatchObject({ code: 3, stderr: expect.stringContaining('no server of shop.test gave an answer') });
    expect(piped.stdout).toContain('\tunreachable\t');
    const { code, stdout } = await runDs([...words, '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', message: expect.any(String), queries: 2 });
  });

  test.skipIf(!hasPackages('bsdutils'))(
    'a terminal gets a tree, and nothing from outside moves its cursor',
    async () => {
      const { hint } = await internet();
      const { code, text } = await onTerminal('dns', 'trace', 'www.shop.test', 'TXT', ...hint, '--quiet');
      expect(code).toBe(0);
      const tree = text.slice(text.indexOf('www.shop.test TXT'));
      expect(tree).toMatch(/^www\.shop\.test TXT\n├─ the root {2}1 server, by the hints\n│ {2}└─ 127\.0\.0\.1:\d+ {2}/);
      expect(tree).toMatch(
        /\n└─ shop\.test {2}1 server, as 127\.0\.0\.1:\d+ says\n {3}└─ ns\.shop\.test 127\.0\.0\.2:/,
      );
      expect(tree).toMatch(/2 queries, \d+(\.\d)? ms\n$/);
      expect(tree).toContain('\\027[31mred');
      expect(tree).not.toContain('\u001b');
    },
  );
});

describe('ds dns compare', () => {
  test('servers that agree, and one that does not', async () => {
    const [port = 0] = await freePorts(1);
    await serve('127.0.0.1', port, 'shop.test', SHOP);
    await serve('127.0.0.2', port, 'shop.test', `${SHOP}\nwww A 10.0.0.8`);
    const same = ['dns', 'compare', 'www.shop.test', '@127.0.0.1', '@tcp://127.0.0.1', '-p', String(port)];
    expect(await runDs(same)).toMatchObject({ code: 0, stderr: '' });
    const other = await runDs([...same, '@127.0.0.2', '+norecurse', '--json']);
    expect(other.code).toBe(1);
    expect(JSON.parse(other.stdout)).toMatchObject({
      agree: false,
      groups: [
        { name: 'A', servers: ['127.0.0.1', 'tcp://127.0.0.1'], missing: [], extra: [] },
        { name: 'B', servers: ['127.0.0.2'], missing: [], extra: ['www.shop.test. A 10.0.0.8'] },
      ],
    });
    const silent = await runDs([...same, '@127.0.0.9']);
    expect(silent).toMatchObject({ code: 1, stdout: expect.stringMatching(/^127\.0\.0\.9\t\tfailed\t/m) });
    const nobody = ['dns', 'compare', 'www.shop.test', '@127.0.0.8', '@127.0.0.9', '-p', String(port)];
    expect(await runDs(nobody)).toMatchObject({ code: 3 });
  });

  test.each([
    [['www.shop.test', '@127.0.0.1'], 'name two servers'],
    [['a.test', 'b.test', '@127.0.0.1', '@127.0.0.2'], 'by one name'],
    [['a.test', '@127.0.0.1', '@127.0.0.2', '+short'], 'shown as a table'],
    [['a.test', '@127.0.0.1', '@quic://127.0.0.2'], 'QUIC'],
  ])('%j is refused', async (words, why) => {
    expect(await runDs(['dns', 'compare', ...words])).toMatchObject({ code: 2, stderr: expect.stringContaining(why) });
  });
});

describe('ds dns diff', () => {
  test('drift is exit code 1, and a server that is silent is drift', async () => {
    const [port = 0] = await freePorts(1);
    const zone = '@ NS ns1\n@ NS ns2\nns1 A 127.0.0.1\nns2 A 127.0.0.2';
    const allow = ['--allow-transfer', '127.0.0.0/8'];
    const first = await serve('127.0.0.1', port, 'shop.test', zone, ...allow);
    const second = await serve('127.0.0.2', port, 'shop.test', zone, ...allow);
    const words = ['dns', 'diff', 'shop.test', '@127.0.0.1', '-p', String(port), '--retries', '0'];
    expect(await runDs([...words, '--axfr'])).toMatchObject({ code: 0, stderr: '' });

    await runDs(['dns', 'record', 'set', 'new.shop.test', 'A', '10.0.0.1'], { home: first.home });
    const drifted = await runDs([...words, '--axfr']);
    expect(drifted.code).toBe(1);
    expect(drifted.stdout).toMatch(/^drift\tserial\tns2\.shop\.test\.\t127\.0\.0\.2\t.*has serial 1, not \d+$/m);
    expect(drifted.stdout).toMatch(/^drift\trecord\t.*: - new\.shop\.test\. \d+ A 10\.0\.0\.1$/m);

    await second.stop();
    const silent = await runDs([...words, '--json']);
    expect(silent.code).toBe(1);
    expect(JSON.parse(silent.stdout)).toMatchObject({
      servers: [{ state: 'serving' }, { state: 'silent', address: '127.0.0.2' }],
      drift: [{ drift: 'silent', server: 'ns2.shop.test.' }],
    });
  });

  test('a transfer that is refused is drift, too', async () => {
    const [port = 0] = await freePorts(1);
    await serve('127.0.0.1', port, 'shop.test', '@ NS ns1\nns1 A 127.0.0.1');
    const words = ['dns', 'diff', 'shop.test', '@127.0.0.1', '-p', String(port)];
    expect(await runDs(words)).toMatchObject({ code: 0 });
    const refused = await runDs([...words, '--axfr']);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/^drift\ttransfer\t.*REFUSED/m) });
  });
});

describe('ds dns bench', () => {
  test('measures a daemon of its own, and leaves nothing behind', async () => {
    const temporary = temporaryFolder();
    const env = { TMPDIR: temporary, ...NO_COMPILE_CACHE };
    for (const transport of [[], ['--tcp']]) {
      const words = ['dns', 'bench', '-d', '300ms', '--records', '50', ...transport, '--json'];
      const { code, stdout, stderr } = await runDs(words, { env, timeoutMs: 30_000 });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const document = JSON.parse(stdout);
      expect(document).toMatchObject({ loop: 'closed', connections: 10, pipeline: 10, failed: 0 });
      expect(document.answers).toEqual({ NOERROR: document.answered });
      expect(document.answered).toBeGreaterThan(0);
    }
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('a running server, by names from stdin: its counts agree', async () => {
    const [port = 0] = await freePorts(1);
    await serve('127.0.0.1', port, 'shop.test', SHOP);
    const words = [
      'dns',
      'bench',
      '--server',
      `127.0.0.1:${port}`,
      '--names',
      '-',
      '-r',
      '200',
      '-d',
      '500ms',
      '--json',
    ];
    const { code, stdout } = await runDs(words, {
      input: '# three\nwww.shop.test A\nnosuch.shop.test\nelsewhere.test A\n',
    });
    expect(code).toBe(0);
    const { answers, sent, unsent } = JSON.parse(stdout);
    expect(answers.NOERROR + answers.NXDOMAIN + answers.REFUSED).toBe(sent);
    expect(sent + unsent).toBe(100);
    expect(Math.abs(answers.NOERROR - answers.REFUSED)).toBeLessThanOrEqual(1);
  });

  test('nothing with NOERROR is exit code 1; what is missing or wrong is said', async () => {
    const [port = 0] = await freePorts(1);
    await serve('127.0.0.1', port, 'shop.test', SHOP);
    const at = ['--server', `127.0.0.1:${port}`];
    const refused = await runDs(['dns', 'bench', 'a.test', ...at, '-r', '100', '-d', '100ms']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('no answer of udp://127.0.0.1') });
    expect(await runDs(['dns', 'bench', ...at])).toMatchObject({ code: 2, stderr: expect.stringContaining('a name') });
    expect(await runDs(['dns', 'bench', 'a.test'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--server'),
    });
    const remote = ['dns', 'bench', 'a.test', '--server', '192.0.2.1', '-d', '100ms'];
    expect(await runDs(remote)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    const [nobody = 0] = await freePorts(1);
    expect(await runDs(['dns', 'bench', 'a.test', '--server', `127.0.0.1:${nobody}`])).toMatchObject({ code: 3 });
  });

  test('examples work when pasted', async () => {
    const { default: command }: { default: { examples: readonly { command: string }[] } } = await import(
      `${ROOT}/commands/dns/bench.ts`
    );
    expect(command.examples.length).toBeGreaterThanOrEqual(3);
    const [port = 0] = await freePorts(1);
    const home = temporaryFolder();
    onTestFinished(async () => {
      await runDs(['down'], { home });
    });
    for (const example of command.examples) {
      const script = example.command
        .replaceAll('<%= config.bin %>', `'${process.execPath}' '${join(ROOT, 'bin/run.js')}'`)
        .replaceAll('<%= command.id %>', 'dns bench')
        .replaceAll('-d 2s', '-d 200ms')
        .replaceAll('dns serve', `dns serve --listen 127.0.0.1:${port} --admin off`)
        .replaceAll(':1053', `:${port}`);
      const env = { ...process.env, DS_HOME: home };
      const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: home, env, stdio: 'ignore' });
      const [code] = await once(child, 'close');
      expect({ script, code }).toEqual({ script, code: 0 });
    }
  }, 60_000);
});

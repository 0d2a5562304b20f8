/** `ds dns query` as it is built, against servers that answer what a test says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Rcode } from '../../src/blocks/dns/wire.js';
import {
  answerTo,
  type FakeServer,
  type FakeServerOptions,
  record,
  startFakeServer,
} from '../blocks/dns/client/fake-server.js';
import { freePorts } from '../helpers/name-servers.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs, spawnDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const ROOT = join(import.meta.dirname, '../..');
const SOA = 'shop.test. 600 SOA ns1.shop.test. admin.shop.test. 7 1 2 3 300';

const zone: Readonly<Record<string, readonly string[]>> = {
  'www.shop.test. A': ['www.shop.test. 300 CNAME api.shop.test.', 'api.shop.test. 60 A 10.0.0.7'],
  'api.shop.test. A': ['api.shop.test. 60 A 10.0.0.7', 'api.shop.test. 60 A 10.0.0.8'],
  'txt.shop.test. TXT': ['txt.shop.test. 60 TXT "\\027[31mred\\155"'],
  'xn--bcher-kva.shop.test. A': ['xn--bcher-kva.shop.test. 60 A 10.0.0.9'],
  'search.a.test. A': ['search.a.test. 60 A 10.0.0.10'],
};

/** Answers from the zone; the first label of a name says what else it does: `servfail`, `silent`, `slow`. */
const shop: FakeServerOptions['udp'] = (query, send) => {
  const [asked] = query.questions;
  const name = asked?.name.toString() ?? '';
  const records = zone[`${name} ${asked?.type === 1 ? 'A' : asked?.type === 16 ? 'TXT' : asked?.type}`];
  const common = { authoritative: true, recursionAvailable: true };
  if (name.startsWith('silent')) return;
  if (name.startsWith('servfail')) send(answerTo(query, [], { rcode: Rcode.SERVFAIL }));
  else if (records !== undefined) send(answerTo(query, records, common));
  else {
    const rcode = Object.keys(zone).some((key) => key.startsWith(`${name} `)) ? Rcode.NOERROR : Rcode.NXDOMAIN;
    send(answerTo(query, [], { ...common, rcode, authorities: [record(SOA)] }));
  }
};

const startShop = () => startFakeServer({ udp: shop });
const query = (words: readonly string[], options = {}) => runDs(['dns', 'query', ...words], options);
const server = ({ port }: FakeServer) => ['--server', `127.0.0.1:${port}`];
const at = ({ port }: FakeServer) => ['@127.0.0.1', '-p', String(port)];

describe('in a pipe', () => {
  test.skipIf(!existsSync('/dev/full'))(
    'what cannot be written ends a batch at once, as a failure of its own',
    async () => {
      const shopping = await startShop();
      const full = openSync('/dev/full', 'w');
      const args = ['dns', 'query', 'www.shop.test', 'api.shop.test', ...server(shopping)];
      const env = { ...process.env, DS_HOME: temporaryFolder() };
      const stdio = ['ignore', full, 'pipe'] as const;
      const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), ...args], { stdio: [...stdio], env });
      closeSync(full);
      const ended = once(child, 'exit');
      const stderr = Buffer.concat((await child.stderr?.toArray()) ?? []).toString();
      const [code] = await ended;
      expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/^error: .*ENOSPC/) });
    },
  );

  test('answers are records between tabs', async () => {
    const { code, stdout, stderr } = await query(['www.shop.test', ...server(await startShop())]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('www.shop.test.\t300\tIN\tCNAME\tapi.shop.test.\napi.shop.test.\t60\tIN\tA\t10.0.0.7\n');
  });

  test('that a name does not exist, or has no such record, is said on stderr', async () => {
    const shopping = server(await startShop());
    expect(await query(['nosuch.shop.test', ...shopping])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'NXDOMAIN: nosuch.shop.test does not exist (zone shop.test, serial 7, kept for 5m)\n',
    });
    expect(await query(['www.shop.test', 'AAAA', ...shopping])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'NODATA: www.shop.test has no AAAA record (zone shop.test, serial 7, kept for 5m)\n',
    });
    expect((await query(['nosuch.shop.test', ...shopping, '--quiet'])).stderr).toBe('');
  });

  test("dig's words give dig's text, --table tabs all the same", async () => {
    const shopping = at(await startShop());
    const { stdout } = await query([...shopping, 'api.shop.test']);
    expect(stdout).toMatch(
      /^\n; <<>> ds dns query .*\n; \(1 server found\)\n;; global options: \+cmd\n;; Got answer:\n/,
    );
    expect(stdout).toContain('\n;; ANSWER SECTION:\napi.shop.test.\t\t60\tIN\tA\t10.0.0.7\n');
    expect(stdout).toMatch(
      /\n;; SERVER: 127\.0\.0\.1#\d+\(127\.0\.0\.1\) \(UDP\)\n;; WHEN: .* UTC \d{4}\n;; MSG SIZE {2}rcvd: 63\n\n$/,
    );
    const tabs = await query([...shopping, 'api.shop.test', '--table']);
    expect(tabs.stdout.split('\n')[0]).toBe('api.shop.test.\t60\tIN\tA\t10.0.0.7');
  });

  test('+short and --short give the data alone', async () => {
    const fake = await startShop();
    for (const words of [
      [...at(fake), '+short'],
      [...server(fake), '--short'],
    ]) {
      expect((await query(['api.shop.test', ...words])).stdout).toBe('10.0.0.7\n10.0.0.8\n');
    }
  });

  test('letters beyond ASCII are asked for as IDNA has them', async () => {
    const fake = await startShop();
    expect((await query(['bücher.shop.test', ...server(fake), '--short'])).stdout).toBe('10.0.0.9\n');
    await query(['bücher.shop.test', '+noidnin', ...server(fake)]);
    expect(fake.queries.at(-1)?.questions[0]?.name.toString()).toBe('b\\195\\188cher.shop.test.');
  });
});

describe('--json', () => {
  test('one name: RFC 8427 and what was measured', async () => {
    const fake = await startShop();
    const { stdout, code } = await query(['www.shop.test', ...server(fake), '--json']);
    const json = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      QR: 1,
      RCODE: 0,
      ANCOUNT: 2,
      QNAME: 'www.shop.test.',
      outcome: 'answer',
      server: `udp://127.0.0.1:${fake.port}`,
      transport: 'udp',
      size: 65,
    });
    expect(json.answerRRs[1]).toMatchObject({ TYPEname: 'A', rdataA: '10.0.0.7' });
    expect(json.query_time_ms).toBeGreaterThan(0);
  });

  test('several names: one object a line, errors among them', async () => {
    const fake = await startShop();
    const names = ['api.shop.test', 'silent.shop.test', 'nosuch.shop.test'];
    const { stdout, code } = await query([...at(fake), '+time=1', '+tries=1', '+json', ...names]);
    expect(code).toBe(3);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { outcome: 'answer', QNAME: 'api.shop.test.' },
      { QNAME: 'silent.shop.test', QTYPEname: 'A', error: { code: 'dns.timeout' } },
      { outcome: 'nxdomain', QNAME: 'nosuch.shop.test.' },
    ]);
  });
});

describe('what is asked', () => {
  test("dig's words and long flags ask the same", async () => {
    const fake = await startShop();
    const pairs = [
      ['+dnssec +norec +cd +nsid +bufsize=4096', '--dnssec --no-recurse --checking-disabled --nsid --udp-size 4096'],
      ['+noedns', '--no-edns'],
      ['+subnet=192.0.2.0/24 +padding=64', '--subnet 192.0.2.0/24 --padding 64'],
      ['-t TXT -c CH', '--type TXT --class CH'],
      ['-x 192.0.2.1', '--reverse 192.0.2.1'],
    ] as const;
    for (const [words, flags] of pairs) {
      const name = words.startsWith('-x') ? [] : ['api.shop.test'];
      await query([...at(fake), '+nocookie', ...words.split(' '), ...name]);
      await query([...server(fake), '--no-cookie', ...flags.split(' '), ...name]);
      const [theirs, ours] = fake.queries.slice(-2).map(({ id: _, ...rest }) => rest);
      expect(ours).toEqual(theirs);
    }
  });

  test('a server that does not answer is followed by the next', async () => {
    const fake = await startShop();
    const [dead] = await freePorts(1);
    const words = ['--server', `127.0.0.1:${dead}`, ...server(fake), 'api.shop.test', '--short'];
    expect(await query(words)).toMatchObject({ code: 0, stdout: '10.0.0.7\n10.0.0.8\n' });
  });

  test('name servers and search list come from resolv.conf', async () => {
    const fake = await startShop();
    const file = join(temporaryFolder(), 'resolv.conf');
    writeFileSync(file, 'search shop.test a.test\nnameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
    const words = ['--resolv-conf', file, '--port', String(fake.port), 'search', '--short'];
    expect((await query([...words, '--search'])).stdout).toBe('10.0.0.10\n');
    expect(fake.queries.map(({ questions }) => questions[0]?.name.toString())).toEqual([
      'search.shop.test.',
      'search.a.test.',
    ]);
    expect((await query(words)).stderr).toMatch(/^NXDOMAIN: search does not exist/);
  });
});

describe('exit codes', () => {
  test.each([
    [['nosuch.shop.test'], 0],
    [['nosuch.shop.test', '--fail-on', 'nxdomain'], 1],
    [['nosuch.shop.test', '--fail-on', 'nodata,servfail'], 0],
    [['www.shop.test', 'AAAA', '--fail-on', 'nodata'], 1],
    [['servfail.test', '--fail-on', 'servfail'], 1],
    [['api.shop.test', '--fail-on', 'any'], 0],
    [['api.shop.test', 'nosuch.shop.test', '--fail-on', 'any'], 1],
    [['api.shop.test', '+shrot'], 2],
    [['api..shop.test'], 2],
    [['api.shop.test', '--timeout', 'soon'], 2],
    [['silent.shop.test', '--timeout', '50ms', '--retries', '0'], 3],
    [['silent.shop.test', 'nosuch.shop.test', '--timeout', '50ms', '--retries', '0', '--fail-on', 'any'], 3],
  ])('%j → %i', async (words, code) => {
    expect((await query([...words, ...server(await startShop())])).code).toBe(code);
  });

  test('an unknown word is refused with the nearest, as JSON too', async () => {
    const { stdout } = await query(['a.test', '+shrot', '--json']);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'dns.unknown_word', hint: 'did you mean +short?' });
  });

  test('SIGINT ends it at once', async () => {
    const fake = await startShop();
    const child = spawnDs(['dns', 'query', 'silent.shop.test', ...server(fake)], {});
    await waitFor(() => fake.queries.length === 1);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
  });
});

describe('batches', () => {
  const names = Array.from({ length: 60 }, (_, index) => `n${index}.shop.test`);

  test('of stdin: in order, whatever order answers come in', async () => {
    const waiting: (() => void)[] = [];
    const fake = await startFakeServer({
      udp: (asked, send) => {
        const name = asked.questions[0]?.name.toString() ?? '';
        waiting.push(() => send(answerTo(asked, [`${name} 60 TXT "${name}"`])));
        if (waiting.length % 20 === 0) for (const reply of waiting.splice(0).reverse()) reply();
      },
    });
    const words = ['-', ...server(fake), '--type', 'TXT', '--concurrency', '20', '--short'];
    const { code, stdout, stderr } = await query(words, { input: `# names\n\n${names.join('\n')}\n` });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(names.map((name) => `"${name}."\n`).join(''));
  });

  test('of a file: a line that cannot be read, and one that is not answered, stop nothing', async () => {
    const fake = await startShop();
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'q.txt'),
      'api.shop.test\nb..d\nsilent.shop.test +time=1 +tries=1\nwww.shop.test +short\n',
    );
    const words = ['-f', 'q.txt', ...at(fake), '+noall', '+answer'];
    const { code, stdout, stderr } = await query(words, { cwd: folder });
    expect(code).toBe(3);
    expect(stdout).toBe(
      'api.shop.test.\t\t60\tIN\tA\t10.0.0.7\napi.shop.test.\t\t60\tIN\tA\t10.0.0.8\napi.shop.test.\n10.0.0.7\n',
    );
    expect(stderr).toMatch(/^warning: q\.txt line 2: "b\.\.d" is no domain name/);
    expect(stderr).toMatch(/\nwarning: q\.txt line 3: no reply from .* within 1s\n/);
  });

  test('a file that is not there', async () => {
    const { code, stderr } = await query(['-f', 'nowhere.txt']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot read nowhere.txt') });
  });
});

describe.skipIf(!hasPackages('bsdutils'))('on a terminal', () => {
  async function onTerminal(...words: string[]): Promise<string> {
    const command = `stty cols 120; exec '${process.execPath}' '${join(ROOT, 'bin/run.js')}' dns query ${words.join(' ')}`;
    const env = { ...process.env, DS_HOME: temporaryFolder(), LC_ALL: 'C.UTF-8', TERM: 'xterm', NO_COLOR: '1' };
    const child = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await once(child, 'close');
    return text.replaceAll('\r', '');
  }

  test('a table, and whence it came', async () => {
    const fake = await startShop();
    expect((await onTerminal('www.shop.test', ...at(fake))).replace(/in [\d.]+ ms/, 'in T')).toBe(
      [
        'name            ttl  class  type   data',
        'www.shop.test.   5m  IN     CNAME  api.shop.test.',
        'api.shop.test.   1m  IN     A      10.0.0.7',
        `from udp://127.0.0.1:${fake.port} in T, 65 octets, authoritative`,
        '',
      ].join('\n'),
    );
  });

  test('what does not exist is said plainly', async () => {
    const fake = await startShop();
    expect(await onTerminal('nosuch.shop.test', ...at(fake))).toMatch(
      /^NXDOMAIN: nosuch\.shop\.test does not exist \(zone shop\.test, serial 7, kept for 5m\)\nfrom udp:/,
    );
  });

  test('several names make one table', async () => {
    const fake = await startShop();
    const text = await onTerminal(...at(fake), 'api.shop.test', 'nosuch.shop.test');
    expect(text.split('\n').map((line) => line.trimEnd().replace(/ +/g, ' '))).toEqual([
      'name ttl class type data',
      'api.shop.test. 1m IN A 10.0.0.7',
      'api.shop.test. 1m IN A 10.0.0.8',
      'nosuch.shop.test A NXDOMAIN: nosuch.shop.test does not exist',
      '',
    ]);
  });

  test("what is about dig's text gives it", async () => {
    const fake = await startShop();
    expect(await onTerminal(...at(fake), 'api.shop.test', '+noall', '+answer')).toBe(
      'api.shop.test.\t\t60\tIN\tA\t10.0.0.7\napi.shop.test.\t\t60\tIN\tA\t10.0.0.8\n',
    );
    expect(await onTerminal(...at(fake), 'api.shop.test', '--dig')).toContain(';; ANSWER SECTION:');
  });

  test('nothing from outside moves its cursor', async () => {
    const fake = await startFakeServer({
      udp: (asked, send) => {
        const options = [{ code: 15, data: Uint8Array.from([0, 15, ...Buffer.from('\u001b[2J\u009b\u202e')]) }];
        send(
          answerTo(asked, zone['txt.shop.test. TXT'], {
            edns: { udpSize: 1232, version: 0, dnssecOk: false, options },
          }),
        );
      },
    });
    for (const more of [[], ['--dig'], ['--short'], ['--json']]) {
      const text = await onTerminal(...at(fake), 'txt.shop.test', 'TXT', ...more);
      expect(text).toContain('red');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is tested
      expect(text).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
    }
  });
});

/** Traces through a root of our own, whose servers are NSD's; where dig gets as far, it gets to the same. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts, type NameServerProcess, startNsd } from '../helpers/name-servers.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs, runDsJson } from '../helpers/run-ds.js';

/**
 * dig asks the system for the addresses of name servers, also where glue was given. Servers that are called by their addresses it
 * finds: `127.0.0.3.` is a name of four labels to us, and an address to the system.
 */
const ZONES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '127.0.0.2': {
    '.': `@ NS 127.0.0.2.
      127.0.0.2. A 127.0.0.2
      127.0.0.3. A 127.0.0.3
      127.0.0.4. A 127.0.0.4
      127.0.0.6. A 127.0.0.6
      test. NS 127.0.0.3.
      other. NS 127.0.0.6.`,
  },
  '127.0.0.3': {
    test: `@ NS 127.0.0.3.
      shop NS 127.0.0.4.
      glued NS ns.glued
      ns.glued A 127.0.0.4
      far NS ns.hosting.other.
      half NS ns1.half
      half NS ns2.half
      ns1.half A 127.0.0.5
      ns2.half A 127.0.0.4
      dead NS ns.dead
      ns.dead A 127.0.0.5`,
  },
  '127.0.0.4': {
    'shop.test': `@ NS 127.0.0.4.
      www A 192.0.2.1
      www A 192.0.2.2
      www TXT "\\127\\027[31m"
      web CNAME www
      away CNAME www.hosting.other.
      *.wild A 192.0.2.3`,
    'glued.test': '@ NS ns\nns A 127.0.0.4\nwww A 192.0.2.4',
    'half.test': '@ NS ns2\nns2 A 127.0.0.4\nwww A 192.0.2.5',
  },
  // Everybody's and nobody's: it refuses.
  '127.0.0.5': {},
  '127.0.0.6': {
    other: '@ NS 127.0.0.6.\nns.hosting A 127.0.0.6\nwww.hosting A 192.0.2.6',
    'far.test': '@ NS ns.hosting.other.\nwww A 192.0.2.7',
  },
};

interface Query {
  readonly step: string;
  readonly depth: number;
  readonly address: string;
  readonly name: string;
  readonly type: string;
  readonly result: string;
}

interface Document {
  readonly outcome: string;
  readonly answers: readonly { readonly name: string; readonly type: string; readonly data: string }[];
  readonly steps: readonly Query[];
}

describe.skipIf(!hasPackages('nsd', 'bind9-dnsutils'))('a root of two levels below it', () => {
  const servers: NameServerProcess[] = [];
  let port = 0;

  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    for (const [address, zones] of Object.entries(ZONES)) {
      const files = Object.entries(zones).map(([origin, lines]) => {
        const text = `$TTL 300\n@ SOA 127.0.0.1. me.invalid. 1 60 60 60 60\n${lines.replaceAll(/^ +/gm, '')}\n`;
        return [origin, text] as const;
      });
      servers.push(await startNsd({ address, port, zones: Object.fromEntries(files) }));
    }
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });

  const hint = () => ['--hint', `127.0.0.2:${port}`];

  async function trace(...words: string[]): Promise<Document> {
    const document = await runDsJson(['dns', 'trace', ...words, ...hint()]);
    return document as Document;
  }

  const queriesOf = ({ steps }: Document) =>
    steps
      .filter(({ step }) => step === 'query')
      .map(({ depth, address, name, type, result }) => `${'  '.repeat(depth)}${address} ${name} ${type} ${result}`);

  const answersOf = ({ answers }: Document) => answers.map(({ name, type, data }) => `${name} ${type} ${data}`);

  /** Servers in the order in which dig was answered by them, and the answers of the last. */
  function dig(name: string, type: string) {
    const args = ['@127.0.0.2', '-p', String(port), '+trace', '+nodnssec', '+nocookie', name, type];
    const { stdout } = spawnSync('dig', args, { encoding: 'utf8' });
    const blocks = stdout.split(/^;; Received .*? from (\S+)#.*$/m);
    const [, ...asked] = blocks.filter((_, index) => index % 2 === 1);
    const last = (blocks.at(-3) ?? '').trim().split('\n');
    const records = last
      .map((line) => line.split(/\s+/))
      .filter(([, , , found = '']) => [type, 'CNAME'].includes(found));
    return { asked, answers: records.map(([owner, , , found, ...data]) => `${owner} ${found} ${data.join(' ')}`) };
  }

  test.each([
    ['www.shop.test', 'A'],
    ['web.shop.test', 'CNAME'],
    ['x.wild.shop.test', 'A'],
    ['shop.test', 'NS'],
    ['www.shop.test', 'TXT'],
  ])('%s %s: dig asks the same servers and gets the same', async (name, type) => {
    const document = await trace(name, type);
    const own = document.steps.filter(({ step, depth }) => step === 'query' && depth === 0);
    const theirs = dig(name, type);
    expect(own.map(({ address }) => address)).toEqual(theirs.asked);
    expect(answersOf(document).sort()).toEqual(theirs.answers.sort());
    expect(document.outcome).toBe('answer');
  });

  test('a server out of the zone that refers to it is looked up, with or without glue (RFC 2181, 5.4.1)', async () => {
    expect(queriesOf(await trace('www.shop.test'))).toEqual([
      '127.0.0.2 www.shop.test. A referral',
      '127.0.0.3 www.shop.test. A referral',
      '  127.0.0.2 127.0.0.4. A answer',
      '127.0.0.4 www.shop.test. A answer',
    ]);
    expect(queriesOf(await trace('www.far.test'))).toEqual([
      '127.0.0.2 www.far.test. A referral',
      '127.0.0.3 www.far.test. A referral',
      '  127.0.0.2 ns.hosting.other. A referral',
      '  127.0.0.6 ns.hosting.other. A answer',
      '127.0.0.6 www.far.test. A answer',
    ]);
  });

  test('glue within the zone is taken', async () => {
    expect(queriesOf(await trace('www.glued.test'))).toEqual([
      '127.0.0.2 www.glued.test. A referral',
      '127.0.0.3 www.glued.test. A referral',
      '127.0.0.4 www.glued.test. A answer',
    ]);
  });

  test('an alias leads across to another branch of the tree', async () => {
    const document = await trace('away.shop.test');
    expect(answersOf(document)).toEqual(['away.shop.test. CNAME www.hosting.other.', 'www.hosting.other. A 192.0.2.6']);
    expect(queriesOf(document).slice(-3)).toEqual([
      '127.0.0.4 away.shop.test. A alias',
      '127.0.0.2 www.hosting.other. A referral',
      '127.0.0.6 www.hosting.other. A answer',
    ]);
    expect(dig('away.shop.test', 'A').answers).toEqual(['away.shop.test. CNAME www.hosting.other.']);
  });

  test('a lame server is passed over, and told of', async () => {
    const document = await trace('www.half.test');
    expect(answersOf(document)).toEqual(['www.half.test. A 192.0.2.5']);
    const lame = queriesOf(document).filter((query) => query.endsWith('lame'));
    // In which order the two are named is up to the server.
    expect([[], ['127.0.0.5 www.half.test. A lame']]).toContainEqual(lame);
    const dead = await runDs(['dns', 'trace', 'www.dead.test', ...hint()]);
    expect(dead.code).toBe(3);
    expect(dead.stdout).toMatch(/\tREFUSED\t\tlame\tlame: REFUSED/);
    expect(dead.stderr).toContain('no server of dead.test gave an answer for www.dead.test');
  });

  test('what does not exist ends the trace, with exit code 1 where that is asked for', async () => {
    const nosuch = ['dns', 'trace', 'nosuch.shop.test', ...hint()];
    expect(await runDs(nosuch)).toMatchObject({ code: 0, stdout: expect.stringContaining('\tnxdomain\tNXDOMAIN: ') });
    expect(await runDs([...nosuch, '--fail-on', 'nxdomain'])).toMatchObject({ code: 1, stderr: '' });
    expect(await trace('www.shop.test', 'MX')).toMatchObject({ outcome: 'nodata' });
  });

  test('ds dns query +trace prints what dig +trace does, but for sizes and times', async () => {
    const words = ['@127.0.0.2', '-p', String(port), '+trace', '+nodnssec', '+nocookie', 'www.shop.test', 'A'];
    const plain = (text: string) =>
      text
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('; '))
        .map((line) => line.replaceAll(/\s+/g, ' ').replace(/\d+ bytes from (.*) in \d+ ms/, '$1'));
    const own = await runDs(['dns', 'query', ...words]);
    const theirs = spawnSync('dig', words, { encoding: 'utf8' });
    expect(own.code).toBe(0);
    expect(plain(own.stdout).sort()).toEqual(plain(theirs.stdout).sort());
    const short = await runDs(['dns', 'query', ...words, '+short']);
    expect(short.stdout.trim().split('\n').sort()).toEqual(['192.0.2.1', '192.0.2.2']);
    const json = await runDs(['dns', 'query', ...words, '+json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ outcome: 'answer', queries: 4 });
    const nobody = await runDs(['dns', 'query', '@127.0.0.4', ...words.slice(1)]);
    expect(nobody).toMatchObject({ code: 3, stderr: expect.stringContaining('names no servers of the root') });
  });

  test('over TCP it comes to the same', async () => {
    const document = await trace('www.shop.test', '--tcp');
    expect(document.steps.filter(({ step }) => step === 'query')).toEqual(
      expect.arrayContaining([expect.objectContaining({ transport: 'tcp' })]),
    );
    expect(answersOf(document)).toHaveLength(2);
  });
});

/** Name servers of a zone that drift apart: NSD's, found by a resolver of ours or by delegations. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts, type NameServerProcess, startNsd } from '../helpers/name-servers.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs } from '../helpers/run-ds.js';

const RECORDS = '@ NS ns1\n@ NS ns2\n@ NS ns3\nns1 A 127.0.0.3\nns2 A 127.0.0.4\nns3 A 127.0.0.5\nwww A 192.0.2.1\n';

const shop = (serial: number, more = '') => `$TTL 300\n@ SOA ns1 hostmaster ${serial} 60 60 60 60\n${RECORDS}${more}`;

/** All but 127.0.0.5, where somebody listens who does not serve these zones. */
const ZONES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '127.0.0.2': {
    '.': `$TTL 300
@ SOA ns.root. me. 1 60 60 60 60
@ NS ns.root.
ns.root. A 127.0.0.2
same.test. NS ns1.same.test.
same.test. NS ns2.same.test.
ns1.same.test. A 127.0.0.3
ns2.same.test. A 127.0.0.4
shop.test. NS ns1.shop.test.
shop.test. NS ns9.shop.test.
ns1.shop.test. A 127.0.0.3
ns9.shop.test. A 127.0.0.3
`,
  },
  '127.0.0.3': {
    'shop.test': shop(7, 'new A 192.0.2.7\nchanged A 192.0.2.8\n'),
    'same.test': '$TTL 300\n@ SOA ns1 me 3 60 60 60 60\n@ NS ns1\n@ NS ns2\nns1 A 127.0.0.3\nns2 A 127.0.0.4\n',
  },
  '127.0.0.4': {
    'shop.test': shop(5, 'old A 192.0.2.5\nchanged A 192.0.2.9\n'),
    'same.test': '$TTL 300\n@ SOA NS1 me 3 60 60 60 60\n@ NS ns2\n@ NS ns1\nns1 A 127.0.0.3\nns2 A 127.0.0.4\n',
  },
  '127.0.0.5': {},
};

describe.skipIf(!hasPackages('nsd'))('ds dns diff', () => {
  const servers: NameServerProcess[] = [];
  let port = 0;

  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    for (const [address, zones] of Object.entries(ZONES)) servers.push(await startNsd({ address, port, zones }));
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function diff(...words: string[]) {
    const { code, stdout, stderr } = await runDs(['dns', 'diff', ...words, '-p', String(port), '--json']);
    return { code, stderr, ...JSON.parse(stdout) };
  }

  const messagesOf = ({ drift }: { readonly drift: readonly { readonly message: string }[] }) =>
    drift.map(({ message }) => message);

  test('servers that serve the same: whatever the order of records and the case of names', async () => {
    const report = await diff('same.test', '@127.0.0.3');
    expect(report).toMatchObject({ code: 0, stderr: '', serial: 3, drift: [] });
    expect(report.servers).toHaveLength(2);
  });

  test('a serial that is behind, and a server that does not serve the zone', async () => {
    const report = await diff('shop.test', '@127.0.0.4');
    expect(report).toMatchObject({ code: 1, serial: 7 });
    expect(messagesOf(report)).toEqual([
      'ns2.shop.test 127.0.0.4 has serial 5, not 7',
      expect.stringMatching(/^ns3\.shop\.test 127\.0\.0\.5 does not serve the zone: (REFUSED|SERVFAIL)$/),
    ]);
  });

  test('--axfr: which records differ', async () => {
    const report = await diff('shop.test', '@127.0.0.3', '--axfr');
    expect(report).toMatchObject({ code: 1, record_differences: 4 });
    expect(messagesOf(report).slice(2)).toEqual([
      'ns2.shop.test 127.0.0.4: - changed.shop.test. 300 A 192.0.2.8',
      'ns2.shop.test 127.0.0.4: + changed.shop.test. 300 A 192.0.2.9',
      'ns2.shop.test 127.0.0.4: - new.shop.test. 300 A 192.0.2.7',
      'ns2.shop.test 127.0.0.4: + old.shop.test. 300 A 192.0.2.5',
    ]);
  });

  test('by delegations: what the zone above says otherwise', async () => {
    const report = await diff('shop.test', '--hint', '127.0.0.2');
    expect(messagesOf(report)).toContain(
      'the zone above names other servers: - ns2.shop.test, - ns3.shop.test, + ns9.shop.test',
    );
    expect(messagesOf(report)).toContain('ns9.shop.test has no address that could be found');
    expect(await diff('same.test', '--hint', '127.0.0.2')).toMatchObject({ code: 0, drift: [] });
  });

  test('what is no zone has no servers; whoever cannot be asked is another failure', async () => {
    const nosuch = await diff('www.shop.test', '@127.0.0.3');
    expect(nosuch).toMatchObject({ code: 1, error: { code: 'dns.no_zone_servers' } });
    const refused = await diff('elsewhere.test', '@127.0.0.3');
    expect(refused).toMatchObject({ code: 3, error: { code: 'dns.bad_answer' } });
    const silent = await diff('shop.test', '@127.0.0.9');
    expect(silent).toMatchObject({ code: 3, error: { code: 'dns.unreachable' } });
  });
});

/** Debian's rsyslog, syslog-ng and logger(1) send to the listeners of syslog: each line arrives once, with its fields. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { lineText, streamOf } from '../../src/blocks/log/entry-batch.js';
import { openSyslogPort, type SyslogTransport } from '../../src/blocks/log/syslog/port/port.js';
import type { SyslogTls } from '../../src/blocks/log/syslog/port/tcp.js';
import { systemClock } from '../../src/platform/clock.js';
import { makeCertificate } from '../helpers/certificates.js';
import { hasPackages } from '../helpers/programs.js';
import { startRsyslog, startSyslogNg } from '../helpers/syslog-daemons.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

interface Arrived {
  readonly line: string;
  readonly stream: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function receiver(transports: readonly SyslogTransport[], tls?: SyslogTls) {
  const arrived: Arrived[] = [];
  const port = await openSyslogPort({
    transports,
    address: { host: '127.0.0.1', port: 0 },
    flag: '--syslog',
    clock: systemClock,
    tls,
    take: async (batch) => {
      for (let i = 0; i < batch.count; i++) {
        arrived.push({
          line: lineText(batch, i),
          stream: { ...streamOf(batch, i) },
          metadata: { ...batch.metadata?.[i] },
          time: Number((batch.timestamps[i] ?? 0n) / 1_000_000n),
        });
      }
    },
  });
  cleanups.push(() => port.close());
  return { arrived, port: String(port.address.port) };
}

async function logger(...args: readonly string[]): Promise<void> {
  // Time as the listener takes it where the message names no zone.
  const child = spawn('logger', args, { env: { ...process.env, TZ: 'UTC' }, stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  expect(code).toBe(0);
}

const now = () => systemClock.now();

/** Lines that say which they are; some with what a parser may stumble over. */
const LINES = Array.from({ length: 1000 }, (_, i) => `line ${i} of the file: <13>1 - [x="y"] é ${'x'.repeat(i % 50)}`);
const FEW = LINES.slice(0, 100);

function expectAll(
  arrived: readonly Arrived[],
  lines: readonly string[],
  stream: Readonly<Record<string, string>>,
): void {
  expect(arrived.map(({ line }) => line)).toEqual(lines);
  for (const { stream: one, time } of arrived) {
    expect(one).toEqual(stream);
    expect(Math.abs(now() - time)).toBeLessThan(120_000);
  }
}

describe.skipIf(!hasPackages('bsdutils'))('logger', () => {
  const cases = [
    ['UDP, RFC 5424', ['-d', '--rfc5424']],
    ['UDP, RFC 3164', ['-d', '--rfc3164']],
    ['TCP, RFC 5424, lines', ['-T', '--rfc5424']],
    ['TCP, RFC 3164, lines', ['-T', '--rfc3164']],
    ['TCP, RFC 5424, octets counted', ['-T', '--octet-count', '--rfc5424']],
    ['TCP, RFC 3164, octets counted', ['-T', '--octet-count', '--rfc3164']],
  ] as const;

  test.each(cases)('%s', async (_, flags) => {
    const { arrived, port } = await receiver(['udp', 'tcp']);
    const file = join(temporaryFolder(), 'lines');
    writeFileSync(file, `${FEW.join('\n')}\n`);
    await logger('-n', '127.0.0.1', '-P', port, ...flags, '-t', 'shop', '--id=77', '-p', 'local3.warning', '-f', file);
    await waitFor(() => arrived.length >= FEW.length);
    const { host = '' } = arrived[0]?.stream ?? {};
    expectAll(arrived, FEW, { job: 'syslog', host, app: 'shop', facility: 'local3' });
    expect(arrived[0]?.metadata).toMatchObject({ level: 'warn', severity: 'warning', procid: '77', peer: '127.0.0.1' });
  });

  test('structured data and the kind of message', async () => {
    const { arrived, port } = await receiver(['tcp']);
    const data = [
      '--sd-id',
      'zoo@123',
      '--sd-param',
      'tiger="hungry"',
      '--sd-param',
      'zebra="\\"run\\""',
      '--msgid',
      'FEED',
    ];
    await logger('-n', '127.0.0.1', '-P', port, '-T', '--rfc5424', ...data, '-t', 'zoo', 'at last');
    await waitFor(() => arrived.length === 1);
    expect(arrived[0]).toMatchObject({
      line: 'at last',
      metadata: { msgid: 'FEED', zoo_123_tiger: 'hungry', zoo_123_zebra: '"run"', level: 'info', severity: 'notice' },
    });
  });
});

describe.skipIf(!hasPackages('rsyslog'))('rsyslog', () => {
  test('a file, forwarded over UDP, over TCP as RFC 3164 and with octets counted as RFC 5424', async () => {
    const [udp, lines, counted] = [await receiver(['udp']), await receiver(['tcp']), await receiver(['tcp'])];
    const folder = temporaryFolder();
    const file = join(folder, 'shop.log');
    writeFileSync(file, `${LINES.join('\n')}\n`);
    const forward = (to: { port: string }, rest: string) =>
      `action(type="omfwd" target="127.0.0.1" port="${to.port}" ${rest} queue.type="LinkedList")`;
    startRsyslog(
      folder,
      `module(load="imfile" mode="inotify")
input(type="imfile" file="${file}" tag="shop:" severity="error" facility="local5" reopenOnTruncate="on")
if $msg contains "line" then {
  ${forward(lines, 'protocol="tcp" template="RSYSLOG_TraditionalForwardFormat"')}
  ${forward(counted, 'protocol="tcp" tcp_framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"')}
}
if re_match($msg, "^line [0-9]{1,2} ") then ${forward(udp, 'protocol="udp" template="RSYSLOG_ForwardFormat"')}
`,
    );
    const all = () => lines.arrived.length >= LINES.length && counted.arrived.length >= LINES.length;
    await waitFor(() => all() && udp.arrived.length >= FEW.length, { timeoutMs: 20_000 });
    const { host = '' } = counted.arrived[0]?.stream ?? {};
    const stream = { job: 'syslog', host, app: 'shop', facility: 'local5' };
    expectAll(lines.arrived, LINES, stream);
    expectAll(counted.arrived, LINES, stream);
    expectAll(udp.arrived, FEW, stream);
    expect(counted.arrived[0]?.metadata).toMatchObject({ level: 'error', severity: 'err' });
  });
});

describe.skipIf(!hasPackages('syslog-ng-core', 'openssl'))('syslog-ng', () => {
  test('a file, sent over UDP, TCP and TLS', async () => {
    const files = makeCertificate();
    const tls = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
    const [udp, tcp, counted, secure] = [
      await receiver(['udp']),
      await receiver(['tcp']),
      await receiver(['tcp']),
      await receiver(['tls'], tls),
    ];
    const folder = temporaryFolder();
    const file = join(folder, 'shop.log');
    writeFileSync(file, `${FEW.join('\n')}\n`);
    startSyslogNg(
      folder,
      `source s { file("${file}" flags(no-parse) program-override("shop[7]") read-old-records(yes) default-facility(local2) default-priority(crit)); };
rewrite r { set("shop", value("PROGRAM")); set("7", value("PID")); };
destination udp { network("127.0.0.1" transport("udp") port(${udp.port})); };
destination tcp { network("127.0.0.1" transport("tcp") port(${tcp.port})); };
destination counted { syslog("127.0.0.1" transport("tcp") port(${counted.port})); };
destination secure { syslog("127.0.0.1" transport("tls") port(${secure.port}) tls(ca-file("${files.cert}") peer-verify(required-trusted))); };
log { source(s); rewrite(r); destination(udp); destination(tcp); destination(counted); destination(secure); };
`,
    );
    const all = [udp, tcp, counted, secure];
    await waitFor(() => all.every(({ arrived }) => arrived.length >= FEW.length), { timeoutMs: 20_000 });
    const { host = '' } = counted.arrived[0]?.stream ?? {};
    for (const { arrived } of all) {
      expectAll(arrived, FEW, { job: 'syslog', host, app: 'shop', facility: 'local2' });
      expect(arrived[0]?.metadata).toMatchObject({ level: 'critical', severity: 'crit', procid: '7' });
    }
  });
});

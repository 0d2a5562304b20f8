/** What `ds log ship` sends arrives where nobody here wrote the receiver (rsyslog, syslog-ng), and as objects of an S3. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startBlobDaemon } from '../helpers/blob-daemon.js';
import { makeCertificate } from '../helpers/certificates.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs } from '../helpers/run-ds.js';
import { startRsyslog, startSyslogNg } from '../helpers/syslog-daemons.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const LINES = Array.from({ length: 2_000 }, (_, i) => `line ${i} "quoted" [x] é ${'-'.repeat(i % 60)}`);

/** A folder with a log in it, and where its ledger is. */
function makeLog() {
  const folder = temporaryFolder();
  const file = join(folder, 'shop.log');
  writeFileSync(file, `${LINES.join('\n')}\n`);
  return { folder, file, db: ['--db', join(folder, 'log.db')] };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

const linesOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);

test.skipIf(!hasPackages('rsyslog'))('rsyslog takes RFC 5424 over TCP', async () => {
  const { folder, file, db } = makeLog();
  const [port, out] = [await freePort(), join(folder, 'out')];
  startRsyslog(
    folder,
    `module(load="imtcp")
template(name="parts" type="string" string="%app-name%|%pri-text%|%msg%\\n")
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="out")
ruleset(name="out") { action(type="omfile" file="${out}" template="parts") }
`,
  );
  const to = `syslog+tcp://127.0.0.1:${port}`;
  const shipped = await runDs([
    'log',
    'ship',
    file,
    '--to',
    to,
    '--label',
    'app=shop',
    '--once',
    '--drain',
    '60s',
    ...db,
  ]);
  expect(shipped).toMatchObject({ code: 0 });
  await waitFor(() => linesOf(out).length >= LINES.length, { timeoutMs: 20_000 });
  const parts = linesOf(out).map((line) => line.split('|'));
  expect(parts.map(([, , message]) => message?.trim())).toEqual(LINES.map((line) => line.trim()));
  expect(parts[0]?.[0]).toBe('shop');
});

test.skipIf(!hasPackages('syslog-ng-core', 'openssl'))('syslog-ng takes it over TLS', async () => {
  const { folder, file, db } = makeLog();
  const [port, out, { cert, key }] = [await freePort(), join(folder, 'out'), makeCertificate()];
  startSyslogNg(
    folder,
    `source s { syslog(ip("127.0.0.1") port(${port}) transport("tls") tls(key-file("${key}") cert-file("${cert}") peer-verify(optional-untrusted))); };
destination d { file("${out}" template("$PROGRAM|$MSG\\n") flush-lines(1)); };
log { source(s); destination(d); };
`,
  );
  const to = `syslog+tls://localhost:${port}`;
  const args = ['log', 'ship', file, '--to', to, '--label', 'app=shop', '--once', '--drain', '60s', ...db];
  expect(await runDs(args, { ownProcess: true, env: { NODE_EXTRA_CA_CERTS: cert } })).toMatchObject({ code: 0 });
  await waitFor(() => linesOf(out).length >= LINES.length, { timeoutMs: 20_000 });
  expect(linesOf(out)).toEqual(LINES.map((line) => `shop|${line}`));
});

test('an S3 has an object for each batch', async () => {
  const { file, db } = makeLog();
  const { url, keys } = await startBlobDaemon('http');
  const env = { AWS_ACCESS_KEY_ID: keys.id, AWS_SECRET_ACCESS_KEY: keys.secret, AWS_REGION: 'us-east-1' };
  const s3 = ['--url', `s3+${url}`];
  expect(await runDs(['blob', 'bucket', 'create', 'logs', ...s3], { env })).toMatchObject({ code: 0 });
  const to = `s3+${url}/logs/shop#format=raw`;
  const args = ['log', 'ship', file, '--to', to, '--once', '--drain', '60s', ...db];
  expect(await runDs(args, { env })).toMatchObject({ code: 0 });
  const folder = temporaryFolder();
  expect(await runDs(['blob', 'get', 'logs/shop/**', folder, ...s3, '--json'], { env })).toMatchObject({ code: 0 });
  const listed = await runDs(['blob', 'list', 'logs/shop/', '--recursive', ...s3], { env });
  const keysOf = listed.stdout
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
    .filter((key) => key.endsWith('.log.gz'));
  const read = keysOf.map((key) =>
    gunzipSync(readFileSync(join(folder, key.replace(/^(logs\/)?shop\//, '')))).toString(),
  );
  expect(read.join('').split('\n').slice(0, -1).sort()).toEqual([...LINES].sort());
});

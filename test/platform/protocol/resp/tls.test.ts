import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bytes, type RespServerOptions } from '../../../../src/platform/protocol/resp/index.js';
import { makeCertificate } from '../../../helpers/certificates.js';
import { hasPackages } from '../../../helpers/programs.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { command, RawClient, serve } from './serve.js';

async function serveTls(commands: RespServerOptions['commands'] = [], options: Partial<RespServerOptions> = {}) {
  const files = makeCertificate();
  const tls = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
  return { ...(await serve(commands, { tls, ...options })), ca: tls.cert };
}

describe.skipIf(!hasPackages('openssl'))('over TLS', () => {
  test('commands are answered as without, in order, large ones too, also to who has closed its side', async () => {
    const big = 'x'.repeat(3_000_000);
    const { port, ca, server } = await serveTls([command('BIG', () => bytes(big))]);
    const client = new RawClient(port, { ca, allowHalfOpen: true });
    client.send(`${'PING\r\n'.repeat(2_000)}BIG\r\n*2\r\n$4\r\nECHO\r\n$${big.length}\r\n${big}\r\n`);
    const block = `$${big.length}\r\n${big}\r\n`;
    await client.expect(`${'+PONG\r\n'.repeat(2_000)}${block}${block}`);
    client.socket.end('PING\r\n');
    expect(await client.untilEnded()).toBe('+PONG\r\n');
    await waitFor(() => server.connections === 0);
  });

  test('a plain client is closed, and gets no answer that it could take for one', async () => {
    const { port, ca, server } = await serveTls();
    const plain = new RawClient(port);
    plain.send('PING\r\n');
    expect(await plain.untilEnded()).not.toContain('PONG');
    expect([server.counters.connections, server.counters.commands]).toEqual([0, 0]);
    const client = new RawClient(port, { ca });
    client.send('PING\r\n');
    await client.expect('+PONG\r\n');
  });

  test('a client that trusts another certificate refuses, and has sent nothing', async () => {
    const { port, ca, server } = await serveTls();
    const other = readFileSync(makeCertificate().cert);
    const socket = connectTls({ host: '127.0.0.1', port, ca: other, servername: 'localhost' });
    socket.write('PING\r\n');
    const [failure] = await once(socket, 'error');
    expect(failure).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const client = new RawClient(port, { ca });
    client.send('PING\r\n');
    await client.expect('+PONG\r\n');
    expect(server.counters.commands).toBe(1);
  });

  test('handshakes that never end are bounded in number, and do not hold up the end of the server', async () => {
    const { port, server } = await serveTls([], { limits: { maxClients: 2 } });
    const silent = Array.from({ length: 3 }, () => connect({ host: '127.0.0.1', port }));
    let closed = 0;
    for (const socket of silent) {
      socket.on('close', () => closed++).on('error', () => {});
      onTestFinished(() => void socket.destroy());
    }
    await waitFor(() => closed === 1);
    await server.stop(200);
    await waitFor(() => closed === 3);
  });

  test('CLIENT KILL closes, and CLIENT LIST tells the addresses', async () => {
    const { port, ca, server } = await serveTls();
    const [killer, victim] = [new RawClient(port, { ca }), new RawClient(port, { ca })];
    victim.send('CLIENT ID\r\n');
    await waitFor(() => victim.received.endsWith('\r\n'));
    const address = `127.0.0.1:${victim.socket.localPort}`;
    killer.send(`CLIENT LIST ID ${victim.received.slice(1, -2)}\r\n`);
    await waitFor(() => killer.received.includes(` addr=${address} laddr=127.0.0.1:${port} `));
    killer.received = '';
    killer.send(`CLIENT KILL ADDR ${address}\r\n`);
    await killer.expect(':1\r\n');
    await victim.untilEnded();
    await waitFor(() => server.connections === 1);
  });
});

/** The forwarder before servers that really listen, over UDP, TCP and TLS. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseServer } from '../../../../../src/blocks/dns/client/server-address.js';
import { Forwarder, type ForwarderOptions } from '../../../../../src/blocks/dns/server/forward/forwarder.js';
import { Rcode, readMessage } from '../../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../../src/platform/clock.js';
import { makeCertificate } from '../../../../helpers/certificates.js';
import { hasPackages } from '../../../../helpers/programs.js';
import { ask, shown } from '../../cache/messages.js';
import { answerTo, bytesOf, framed, record, startFakeServer } from '../../client/fake-server.js';
import { plain } from './fake-upstreams.js';

const www = ask('www.shop.test.');
const A = 'www.shop.test. 300 A 192.0.2.1';

function forwardTo(servers: readonly string[], options: Partial<ForwarderOptions> = {}): Forwarder {
  const upstreams = servers.map((server) => parseServer(server));
  const forwarder = new Forwarder({ upstreams, clock: systemClock, random: systemRandom, ...options });
  onTestFinished(() => forwarder.close());
  return forwarder;
}

test('over UDP: spoofed, mismatched and malformed replies that come first do not enter', async () => {
  const server = await startFakeServer({
    udp(query, send) {
      const poison = ['www.shop.test. 9999 A 203.0.113.66'];
      send({ ...answerTo(query, poison), id: query.id ^ 1 });
      send(answerTo(query, ['bank.test. 9999 A 203.0.113.66'], { questions: [ask('bank.test.')] }));
      send(answerTo(query, poison, { response: false }));
      send(bytesOf(answerTo(query, poison)).subarray(0, 40));
      send(
        answerTo(query, [A, 'bank.test. 9999 A 203.0.113.66'], {
          authorities: [record('test. 9999 NS evil.test.')],
          additionals: [record('evil.test. 9999 A 203.0.113.66')],
        }),
      );
    },
  });
  const forwarder = forwardTo([`127.0.0.1:${server.port}`]);
  const resolution = await forwarder.resolve(www, plain);
  expect(shown([...resolution.answers, ...resolution.authorities, ...resolution.additionals])).toEqual([A]);
  expect(forwarder.cached(ask('bank.test.'), plain)).toBeUndefined();
  expect(forwarder.cached(ask('evil.test.'), plain)).toBeUndefined();
  expect(shown(forwarder.cached(www, plain)?.answers ?? [])).toEqual([A]);
  expect(server.queries).toHaveLength(1);
});

test('RFC 5452, section 9: each query has an id and a port of its own', async () => {
  const ports = new Set<number>();
  const server = await startFakeServer({
    udp(query, send, { peer }) {
      ports.add(peer.port);
      send(answerTo(query));
    },
  });
  const forwarder = forwardTo([`127.0.0.1:${server.port}`]);
  for (let i = 0; i < 20; i++) await forwarder.resolve(ask(`n${i}.test.`), plain);
  expect(new Set(server.queries.map(({ id }) => id)).size).toBeGreaterThan(18);
  expect(ports.size).toBeGreaterThan(15);
});

test('RFC 7766, section 5: what is cut over UDP is asked for over TCP', async () => {
  const many = Array.from({ length: 200 }, (_, i) => `www.shop.test. 300 A 192.0.2.${i}`);
  const server = await startFakeServer({
    udp: (query, send) => send(answerTo(query, [], { truncated: true })),
    tcp: (query, send) => send(answerTo(query, many)),
  });
  const forwarder = forwardTo([`127.0.0.1:${server.port}`]);
  expect((await forwarder.resolve(www, plain)).answers).toHaveLength(200);
  expect(forwarder.cached(www, plain)?.answers).toHaveLength(200);
});

test('a dead server costs the client little: another one answers', async () => {
  const dead = await startFakeServer({ udp: () => {} });
  const alive = await startFakeServer({ udp: (query, send) => send(answerTo(query, [A])) });
  const forwarder = forwardTo([`127.0.0.1:${dead.port}`, `127.0.0.1:${alive.port}`]);
  const { upstream } = await forwarder.resolve(www, plain);
  expect(upstream).toBe(`udp://127.0.0.1:${alive.port}`);
  // From now on it is not even asked.
  for (let i = 0; i < 5; i++) await forwarder.resolve(ask(`n${i}.test.`), plain);
  expect(dead.queries).toHaveLength(1);
});

test('where nothing listens, the failure is told within the time of a round trip', async () => {
  const server = await startFakeServer({ udp: () => {} });
  const forwarder = forwardTo([`tcp://127.0.0.1:${server.port}`]);
  const { rcode, extendedErrors } = await forwarder.resolve(www, plain);
  expect(rcode).toBe(Rcode.SERVFAIL);
  expect(extendedErrors).toMatchObject([
    { code: 22, text: expect.stringMatching(/cannot be reached: nothing listens/) },
  ]);
});

test('two forwarders that forward to each other end the question, each with a few queries', async () => {
  const forwarders: Forwarder[] = [];
  const makeServer = (next: number) =>
    startFakeServer({
      udp(query, send) {
        const [question] = query.questions;
        if (question === undefined) return;
        const dnssecOk = query.edns?.dnssecOk ?? false;
        void forwarders[next]
          ?.resolve(question, { dnssecOk, checkingDisabled: query.checkingDisabled })
          .then(({ rcode }) => send(answerTo(query, [], { rcode })));
      },
    });
  const [one, two] = await Promise.all([makeServer(1), makeServer(0)]);
  forwarders.push(
    forwardTo([`127.0.0.1:${one.port}`], { patienceMs: 800 }),
    forwardTo([`127.0.0.1:${two.port}`], { patienceMs: 800 }),
  );
  const resolution = await forwarders[0]?.resolve(www, plain);
  expect(resolution?.rcode).toBe(Rcode.SERVFAIL);
  expect(one.queries.length + two.queries.length).toBeLessThanOrEqual(6);
});

describe.skipIf(!hasPackages('openssl'))('over TLS', () => {
  const startTls = async () => {
    const files = makeCertificate();
    let connections = 0;
    const server = createServer({ cert: readFileSync(files.cert), key: readFileSync(files.key) }, (socket) => {
      connections++;
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        const query = readMessage(new Uint8Array(bytes.subarray(2)));
        socket.write(framed(bytesOf(answerTo(query, [`${query.questions[0]?.name} 300 A 192.0.2.1`]))));
      });
      onTestFinished(() => {
        socket.destroy();
      });
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    return { url: `tls://127.0.0.1:${port}`, ca: readFileSync(files.cert, 'utf8'), connections: () => connections };
  };

  test('questions one after another share a connection', async () => {
    const server = await startTls();
    const forwarder = forwardTo([server.url], { trust: { ca: server.ca } });
    for (let i = 0; i < 5; i++) {
      expect((await forwarder.resolve(ask(`n${i}.test.`), plain)).answers).toHaveLength(1);
    }
    expect(server.connections()).toBe(1);
  });

  test('a server whose certificate is not trusted is believed nothing', async () => {
    const server = await startTls();
    const forwarder = forwardTo([server.url]);
    const { rcode, extendedErrors } = await forwarder.resolve(www, plain);
    expect(rcode).toBe(Rcode.SERVFAIL);
    expect(extendedErrors[0]?.text).toMatch(/certificate/);
  });
});

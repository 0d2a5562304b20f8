/** One contract of answers on everything that serves a zone: our daemon, over each of its transports, and BIND. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { block } from '../../src/blocks/dns/block.js';
import { exchange } from '../../src/blocks/dns/client/exchange.js';
import { parseServer } from '../../src/blocks/dns/client/server-address.js';
import type { Question } from '../../src/blocks/dns/record.js';
import { makeMessage } from '../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { type AnsweringSubject, answersContract } from '../blocks/dns/zone-contract.js';
import { startNamed } from '../helpers/name-servers.js';
import { hasPackages } from '../helpers/programs.js';
import { makeTemporaryFolder } from '../helpers/temporary-folder.js';

const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };

async function ask(server: string, question: Question) {
  const query = makeMessage({ questions: [question], edns });
  const options = { timeoutMs: 5_000, retries: 2, clock: systemClock, random: systemRandom };
  return (await exchange(parseServer(server), query, options)).response;
}

function daemonOver(endpoint: string) {
  return async (text: string): Promise<AnsweringSubject> => {
    const folder = makeTemporaryFolder();
    const zoneFile = join(folder.path, 'zone');
    writeFileSync(zoneFile, text);
    const options = {
      listen: '127.0.0.1:0',
      https: '127.0.0.1:0',
      doh: true,
      zoneFile: [zoneFile],
      db: join(folder.path, 'dns.db'),
    };
    const daemon = await block.serve(options, {
      clock: systemClock,
      random: systemRandom,
      logger: pino({ level: 'silent' }),
      metrics: new Registry(),
      home: folder.path,
      machine: 'test',
      environment: {},
      version: '0.0.0',
    });
    const url = daemon.endpoints.find(({ name }) => name === endpoint)?.url ?? '';
    return {
      ask: (question) => ask(url, question),
      async close() {
        await daemon.stop(1_000);
        folder.remove();
      },
    };
  };
}

answersContract('ds dns serve over UDP', daemonOver('udp'));
answersContract('ds dns serve over TCP', daemonOver('tcp'));
answersContract('ds dns serve over HTTP', daemonOver('https'));

if (hasPackages('bind9')) {
  answersContract('BIND', async (text, origin) => {
    const named = await startNamed({
      zones: { [origin.replace(/\.$/, '')]: text },
      // The zone has what administrators would not write.
      zoneOptions: 'check-integrity no; check-names ignore; check-mx ignore; check-sibling no;',
    });
    return { ask: (question) => ask(`udp://127.0.0.1:${named.port}`, question), close: () => named.stop() };
  });
}

/** The name server's lines of `ds tour`: a record is set in the file, and the daemon that is running answers with it. */
import type { TourStop } from '../../platform/daemon/block.js';

const NAME = 'api.shop.test';
const ADDRESS = '10.0.0.7';

export const tour: readonly TourStop[] = [
  {
    did: `${NAME} set in the file`,
    through: 'udp',
    command: () => ['dns', 'record', 'set', NAME, 'A', ADDRESS, '--ttl', '60', '--create', '--json'],
    check(stdout) {
      const { serial }: { serial?: unknown } = JSON.parse(stdout);
      if (typeof serial !== 'number') throw new Error(`expected a serial, not ${stdout.slice(0, 200)}`);
      return `serial ${serial}`;
    },
  },
  {
    did: `${NAME}  A`,
    through: 'udp',
    command: ({ udp = '' }) => ['dns', 'query', NAME, 'A', '--server', udp, '--json'],
    check(stdout) {
      const { answerRRs = [] }: { answerRRs?: readonly { TTL?: unknown; rdataA?: unknown }[] } = JSON.parse(stdout);
      const [answer] = answerRRs;
      if (answerRRs.length !== 1 || answer?.rdataA !== ADDRESS) {
        throw new Error(`expected ${ADDRESS}, not ${stdout.slice(0, 200)}`);
      }
      return `${ADDRESS}  (ttl ${answer.TTL})`;
    },
  },
];

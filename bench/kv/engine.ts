/** The store without a port and without a flush: what a turn costs, what a SET costs in it, and what folding a key does. */
import { join } from 'node:path';
import { Fold } from '../../src/blocks/kv/store/fold.js';
import { Keyspace } from '../../src/blocks/kv/store/keyspace.js';
import { systemClock } from '../../src/platform/clock.js';
import { type Spread, spreadOf, wantsJson } from '../support/compare.js';
import { temporaryFolder } from '../support/processes.js';

const ROUNDS = 5;
const KEYS = 100_000;
const VALUE = 'x'.repeat(64);

/** Microseconds for one. */
function timed(count: number, work: () => void): number {
  const begin = performance.now();
  work();
  return ((performance.now() - begin) * 1000) / count;
}

function setInTurns(keyspace: Keyspace, turns: number, perTurn: number): void {
  let n = 0;
  for (let turn = 0; turn < turns; turn++) {
    for (let i = 0; i < perTurn; i++) {
      keyspace.enter('write');
      // 7,919 is prime: keys come in no order, each once in a hundred thousand.
      keyspace.database(0).setString(`key:${(n++ * 7919) % KEYS}`, VALUE, undefined);
    }
    keyspace.endTurn();
  }
}

function measure() {
  const folder = temporaryFolder();
  const path = join(folder.path, 'kv.db');
  const keyspace = new Keyspace({ path, clock: systemClock, sync: 'normal', checkpointPages: 8_192 });
  const fold = new Fold(keyspace);
  try {
    setInTurns(keyspace, KEYS / 50, 50);
    const folded = timed(KEYS, () => fold.all());
    const alone = timed(5_000, () => setInTurns(keyspace, 5_000, 1));
    const together = timed(KEYS, () => setInTurns(keyspace, KEYS / 50, 50));
    return { alone, together, folded };
  } finally {
    keyspace.close();
    folder.remove();
  }
}

const rounds = Array.from({ length: ROUNDS + 1 }, measure).slice(1);
const results = {
  'a turn with one SET': spreadOf(rounds.map(({ alone }) => alone)),
  'a SET in turns of 50': spreadOf(rounds.map(({ together }) => together)),
  'folding a key': spreadOf(rounds.map(({ folded }) => folded)),
};
const show = ({ median, min, max }: Spread) => `${median.toFixed(1)} µs (${min.toFixed(1)} … ${max.toFixed(1)})`;
if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'kv engine', results })}\n`);
else {
  process.stdout.write('\nkv engine, without a port and a flush\n');
  for (const [name, spread] of Object.entries(results)) process.stdout.write(`  ${name.padEnd(22)} ${show(spread)}\n`);
}

import { Counter, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { parseExposition } from '../../../src/blocks/dns/exposition.js';

test('what prom-client writes is read back, whatever is in the labels', async () => {
  const registry = new Registry();
  const counter = new Counter({
    name: 'answers_total',
    help: 'x',
    labelNames: ['type', 'rcode'],
    registers: [registry],
  });
  counter.inc({ type: 'A', rcode: 'NOERROR' }, 5);
  counter.inc({ type: 'q"\\\n}', rcode: '' }, 2 ** 40);
  new Counter({ name: 'plain_total', help: 'y', registers: [registry] }).inc(3);
  expect(parseExposition(await registry.metrics())).toEqual([
    { name: 'answers_total', labels: { type: 'A', rcode: 'NOERROR' }, value: 5 },
    { name: 'answers_total', labels: { type: 'q"\\\n}', rcode: '' }, value: 2 ** 40 },
    { name: 'plain_total', labels: {}, value: 3 },
  ]);
});

test('lines that are no samples are passed over', () => {
  expect(parseExposition('# HELP a b\n\nnonsense\na{b="c"} x\nb 1 1700000000000\n')).toEqual([
    { name: 'b', labels: {}, value: 1 },
  ]);
});

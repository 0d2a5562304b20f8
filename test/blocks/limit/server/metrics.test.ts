import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { LimitMetrics } from '../../../../src/blocks/limit/server/metrics.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

test('counting a million keys at every scrape would take the daemon: a count is told for a hundred times as long as it took', async () => {
  const clock = new ManualClock();
  const registry = new Registry();
  let counted = 0;
  const counts = async () => {
    counted++;
    if (counted === 3) throw new Error('the file is busy');
    clock.advance(200);
    return { keys: 1_000_000, blocked: 0 };
  };
  new LimitMetrics(registry, [], { clock, counts, connections: () => ({}) });
  const scrape = () => registry.metrics();
  expect((await Promise.all([scrape(), scrape()]))[1]).toContain('ds_limit_keys{state="used"} 1000000');
  clock.advance(19_999);
  await scrape();
  expect(counted).toBe(1);
  clock.advance(1);
  await scrape();
  expect(counted).toBe(2);
  clock.advance(20_000);
  await expect(scrape()).rejects.toThrow('busy');
  await scrape();
  expect(counted).toBe(4);
});

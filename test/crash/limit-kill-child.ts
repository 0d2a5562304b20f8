/**
 * Takes from a limiter's file until it is killed, several at once, and prints each taking once it is acknowledged:
 * which key, and the instants before it was asked for and after it was answered, in µs.
 */
import { writeSync } from 'node:fs';
import { defineLimit } from '../../src/blocks/limit/limit.js';
import { openLimiterStore } from '../../src/blocks/limit/store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { limits } from './limit-kill-limits.js';

const [path = ''] = process.argv.slice(2);
const limiter = openLimiterStore({ path, clock: systemClock, random: systemRandom });
const demands = limits.map(({ key, ...request }) => ({ scope: 'crash', key, limit: defineLimit(request), cost: 1 }));

async function takeOn(first: number): Promise<never> {
  for (let turn = first; ; turn++) {
    const demand = demands[turn % demands.length];
    if (demand === undefined) throw new Error('there is nothing to take from');
    const askedAt = systemClock.micros();
    const { allowed } = await limiter.check([demand]);
    // Synchronous: what is printed was acknowledged, and what was acknowledged is printed before the next one.
    if (allowed) writeSync(1, `${demand.key} ${askedAt} ${systemClock.micros()}\n`);
    else if (turn % 50 === 0) await systemClock.sleep(1);
  }
}

await Promise.all(Array.from({ length: 10 }, (_, writer) => takeOn(writer)));

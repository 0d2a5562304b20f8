import { pino } from 'pino';
import { expect, test } from 'vitest';
import { HeldUp } from '../../../../src/blocks/cron/server/held-up.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

function world() {
  const clock = new ManualClock(1_000_000);
  const lines: string[] = [];
  const write = (line: string) => {
    const { level, msg } = JSON.parse(line) as { readonly level: number; readonly msg: string };
    lines.push(`${pino.levels.labels[level]} ${msg}`);
  };
  const says = { begins: 'the worker is held up', ends: 'the worker goes on' };
  const heldUp = new HeldUp({ clock, logger: pino({}, { write }), ...says });
  /** One try a second, all failing so. */
  const fail = (message: string, seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      heldUp.tell(new Error(message));
      clock.advance(1_000);
    }
  };
  return { heldUp, fail, lines: () => lines.splice(0) };
}

test('what fails each second is said when it begins, once a minute, and when it is over', () => {
  const { heldUp, fail, lines } = world();
  heldUp.over();
  expect(lines()).toEqual([]);
  fail('refused', 60);
  expect(lines()).toEqual(['error the worker is held up: refused']);
  fail('refused', 60);
  expect(lines()).toEqual(['error the worker is held up: refused']);
  heldUp.over();
  heldUp.over();
  expect(lines()).toEqual(['info the worker goes on, after 2m']);
});

test('another reason is said at once, and the whole time counts; what comes later begins anew', () => {
  const { heldUp, fail, lines } = world();
  fail('refused', 5);
  fail('is starting up', 7);
  heldUp.over();
  expect(lines()).toEqual([
    'error the worker is held up: refused',
    'error the worker is held up: is starting up',
    'info the worker goes on, after 12s',
  ]);
  fail('is starting up', 1);
  expect(lines()).toEqual(['error the worker is held up: is starting up']);
});

import { expect, test } from 'vitest';
import { wantsColor } from '../../src/platform/colors.js';

test.each([
  ['a terminal', true, {}, false, true],
  ['a pipe', false, {}, false, false],
  ['NO_COLOR', true, { NO_COLOR: '1' }, false, false],
  ['an empty NO_COLOR says nothing', true, { NO_COLOR: '' }, false, true],
  ['--no-color', true, { FORCE_COLOR: '1' }, true, false],
  ['FORCE_COLOR in a pipe', false, { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false, false],
  ['NO_COLOR beats FORCE_COLOR', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false, false],
  ['TERM=dumb', true, { TERM: 'dumb' }, false, false],
])('%s', (_name, isTerminal, env, flag, colored) => {
  expect(wantsColor(isTerminal, env, flag)).toBe(colored);
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sayNothingFound } from '../../../../src/blocks/log/files/nothing-found.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

test('where nothing was found it is told what may have been meant: a file, or a longer time', () => {
  const file = join(temporaryFolder(), 'app log');
  writeFileSync(file, '');
  const say = (words: readonly string[], since?: string) => sayNothingFound({ verb: 'tail', words, since });
  expect(say([file])).toContain(`ds log tail '{}' '${file}'`);
  expect(say(['error'])).toContain('--since 7d');
  expect(say(['error'], '2h')).toBe('nothing was found');
  expect(say(['|= "1"', file])).toContain(`'{} |= "1"'`);
  expect(say(['app="x"'])).toContain(`'{app="x"}'`);
  expect(say(['error and timeout'])).toContain(`'{} |= "error" |= "timeout"'`);
  expect(sayNothingFound({ verb: 'query', words: ['x'], since: '1h', otherTenants: ['shop'] })).toContain(
    '--tenant shop',
  );
  expect(say(['error', file])).toBe('nothing was found in the files');
});

import { expect, test } from 'vitest';
import { LineCounter } from 'yaml';
import { parseBoundedYaml } from '../../../../src/blocks/cron/apply/bounded-yaml.js';
import { cronErrors } from '../../../../src/blocks/cron/errors.js';

test('a text of more words and marks than a file of jobs has is read no further', () => {
  const parse = (text: string) =>
    parseBoundedYaml(
      text,
      new LineCounter(),
      (offset, problem) => cronErrors.error('cron.bad_crontab', `${offset}: ${problem}`),
      1_000,
    );
  expect(parse(`[${'1,'.repeat(200)}1]`).toJS()).toHaveLength(201);
  expect(() => parse(`[${'1,'.repeat(100_000)}`)).toThrow(/^\d{3,4}: it has more than 1,000 words and marks$/);
});

import { expect, it } from 'vitest';
import { translatePostgresError } from '../../../../src/blocks/cron/remote/postgres/failures.js';

const PLACE = 'postgres://ds@127.0.0.1:5432/postgres';

it.each([
  'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string',
  'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string',
])('a password that is asked for and not given is missed in plain words: %s', (message) => {
  expect(translatePostgresError(new Error(message), PLACE)).toMatchObject({
    code: 'cron.database_unreachable',
    message: `${PLACE}: the server asks for a password, and none is given`,
    hint: expect.stringMatching(/user:password@host.*PGPASSWORD/),
  });
});

it('a password that is wrong is so in the words of the server', () => {
  const refused = Object.assign(new Error('password authentication failed for user "ds"'), { code: '28P01' });
  expect(translatePostgresError(refused, PLACE)).toMatchObject({
    message: `${PLACE}: password authentication failed for user "ds"`,
    hint: expect.stringMatching(/PGPASSWORD/),
  });
});

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { kvErrors } from '../../../../src/blocks/kv/errors.js';
import { Engine } from '../../../../src/blocks/kv/server/engine.js';
import { Keyspace } from '../../../../src/blocks/kv/store/keyspace.js';
import { storageErrors } from '../../../../src/platform/store/errors.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

function open() {
  const clock = new ManualClock();
  const path = join(temporaryFolder(), 'kv.db');
  const keyspace = new Keyspace({ path, clock });
  onTestFinished(() => keyspace.close());
  const engine = new Engine(keyspace, clock);
  const put = (key: string) => keyspace.database(0).setString(key, 'value', undefined);
  const keys = () => {
    const other = new Keyspace({ path, clock });
    const found = ['a', 'b', 'c'].filter((key) => other.turn('read', () => other.database(0).find(key)) !== undefined);
    other.close();
    return found.join('');
  };
  return { engine, put, keys };
}

const tooLarge = () => kvErrors.error('kv.turn_too_large', 'a transaction writes too much');

test('what is apart and too large is undone alone', () => {
  const { engine, put, keys } = open();
  engine.run('write', () => put('a'));
  const answer = engine.runApart('write', () => {
    put('b');
    throw tooLarge();
  });
  expect(answer).toMatchObject({ type: 'error', message: 'a transaction writes too much' });
  engine.run('write', () => put('c'));
  expect(engine.finishTurn()).toBe('wrote');
  expect(keys()).toBe('ac');
});

test('what fails otherwise, or is not apart, undoes what is not committed of the turn, and fails the rest of it', () => {
  const failures: [boolean, () => Error, string][] = [
    [false, tooLarge, ''],
    [true, () => storageErrors.error('storage.full', 'the disk is full'), 'a'],
  ];
  for (const [apart, failure, left] of failures) {
    const { engine, put, keys } = open();
    engine.run('write', () => put('a'));
    const work = () => {
      put('b');
      throw failure();
    };
    if (apart) engine.runApart('write', work);
    else engine.run('write', work);
    expect(engine.run('write', () => put('c'))).toMatchObject({ type: 'error' });
    expect(engine.finishTurn()).toMatchObject({ type: 'error' });
    expect(keys()).toBe(left);
  }
});

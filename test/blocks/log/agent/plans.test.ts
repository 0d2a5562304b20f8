import { expect, test } from 'vitest';
import { readPipelines } from '../../../../src/blocks/log/agent/plan-config.js';
import { readPlan } from '../../../../src/blocks/log/agent/raw-plan.js';
import { timesOf } from '../../../../src/blocks/log/agent/times.js';
import { makeLabels } from '../../../../src/blocks/log/labels.js';

test('a plan has its defaults, labels of flags win over those of the machine, and a label may not be the prototype of others', () => {
  const plan = readPlan({ host: 'web-1', labels: ['host=db-1', '__proto__=x', 'empty='] });
  expect(plan).toMatchObject({ sinks: ['store'], from: 'start', whenFull: 'block', lingerMs: 1_000 });
  expect(plan.labels).toEqual(
    makeLabels([
      ['host', 'db-1'],
      ['__proto__', 'x'],
      ['empty', ''],
    ]),
  );
});

test.each([
  [{ labels: ['a-b=1'] }, 'the label "a-b=1" is not NAME=VALUE'],
  [{ from: 'ende' }, 'from "ende" is none of start, end'],
  [{ whenFull: 'drop' }, 'when-full "drop" is none of block, drop-oldest, drop-newest'],
  [{ buffer: 'much' }, 'buffer cannot be "much"'],
  [{ buffer: '1' }, 'buffer cannot be "1"'],
  [{ timezone: 'Nowhere/X' }, '"Nowhere/X" is not a time zone'],
  [{ multilineStart: 'a', multilineIndent: true }, 'lines are joined by one rule'],
  [{ multilineStart: '(' }, '('],
])('%j is refused', (raw, message) => {
  expect(() => readPlan(raw)).toThrow(message);
});

test('pipelines of ds.yaml are read as flags are, by name or all', () => {
  const tree = {
    web: {
      sources: '/var/log/web.log',
      'multiline-start': '^\\d',
      to: ['store', '-'],
      labels: { team: 'a' },
      transforms: { select: 'x' },
    },
    db: { command: ['sh', '-c', 'true'], restart: true, buffer: '1GB' },
  };
  const [web, db] = readPipelines(tree, [], 'h');
  expect(web).toMatchObject({
    name: 'web',
    sources: ['/var/log/web.log'],
    sinks: ['store', '-'],
    transforms: [{ select: 'x' }],
  });
  expect(web?.multiline?.kind === 'start' && web.multiline.matches('1 begins')).toBe(true);
  expect(db).toMatchObject({ command: ['sh', '-c', 'true'], restart: true, bufferBytes: 1e9, labels: { host: 'h' } });
  expect(readPipelines(tree, ['db'], 'h').map(({ name }) => name)).toEqual(['db']);
});

test.each([
  [undefined, 'there are no pipelines'],
  [{ web: { source: 'x' } }, 'web has no "source"'],
  [{ web: { multilineStart: 'x' } }, 'web has no "multilineStart"'],
  [{ web: { constructor: 'x' } }, 'web has no "constructor"'],
  [{ web: ['x'] }, 'web must be a mapping'],
  [{ web: { sources: [{ a: 1 }] } }, 'sources of web is not a text'],
  [{ web: { restart: 'yes' } }, 'restart of web is not true or false'],
  [{ 'a/b': {} }, 'a pipeline cannot be called "a/b"'],
])('the tree %j is refused', (tree, message) => {
  expect(() => readPipelines(tree, [], 'h')).toThrow(message);
});

test('which time entries have is said of all plans: that of reading, of the lines, or of who sends', () => {
  const plan = (sources: readonly string[], transforms: readonly unknown[] = []) => readPlan({ sources, transforms });
  expect(timesOf([plan(['a.log', '-'])])).toBe('reading');
  expect(timesOf([readPlan({ command: ['dmesg'] })])).toBe('reading');
  expect(timesOf([plan(['docker:*', 'syslog+udp://127.0.0.1:5514'])])).toBe('senders');
  expect(
    timesOf([plan(['a.log'], ['parse=json', 'timestamp=auto']), plan(['docker:*'], [{ timestamp: 'auto' }])]),
  ).toBe('lines');
  expect(timesOf([plan(['a.log', 'docker:*'])])).toBe('mixed');
  expect(timesOf([readPlan({ deadLetters: true, transforms: ['timestamp=auto'] })])).toBeUndefined();
});

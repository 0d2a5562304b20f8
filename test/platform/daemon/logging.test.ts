import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plain } from '../../../src/platform/colors.js';
import { LogFile } from '../../../src/platform/daemon/log-file.js';
import { formatLogLine } from '../../../src/platform/daemon/log-format.js';
import { createLogger } from '../../../src/platform/daemon/logger.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

function recordingLogger() {
  const lines: string[] = [];
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  const logger = createLogger({ block: 'seq', level: 'info', clock, sinks: [{ write: (line) => lines.push(line) }] });
  return { logger, lines };
}

test('a record is one line of JSON with the injected time', () => {
  const { logger, lines } = recordingLogger();
  logger.info({ port: 6390 }, 'ready');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'info', time: '2026-01-02T03:04:05.678Z', block: 'seq', port: 6390, msg: 'ready' },
  ]);
});

test('a secret never reaches the log', () => {
  const { logger, lines } = recordingLogger();
  logger.info({
    secret: 'hunter2',
    options: { requirepass: 'hunter2' },
    req: { headers: { authorization: 'hunter2' } },
  });
  expect(lines.join('')).not.toContain('hunter2');
  expect(lines.join('')).toContain('[redacted]');
});

test('people get one short line a record, with control characters made harmless', () => {
  const { logger, lines } = recordingLogger();
  logger.warn({ name: 'a\u001b[2Jb', by_ms: 12 }, 'clock stepped back');
  expect(formatLogLine(lines[0] ?? '', plain)).toBe(
    '03:04:05.678 WARN   seq   clock stepped back  name=a\\x1b[2Jb by_ms=12',
  );
  expect(formatLogLine('raw \u001b[2J crash\n', plain)).toBe('raw \\x1b[2J crash');
});

test('a log file is rotated before it passes its bound, and so many old ones are kept', () => {
  const path = join(temporaryFolder(), 'log', 'seq.log');
  const file = new LogFile(path, { maxBytes: 100, keep: 2 });
  const line = `${'x'.repeat(39)}\n`;
  for (let index = 0; index < 9; index++) file.write(line);
  file.close();
  expect(readFileSync(path, 'utf8')).toBe(line);
  expect(readFileSync(`${path}.1`, 'utf8')).toBe(line + line);
  expect(readFileSync(`${path}.2`, 'utf8')).toBe(line + line);
  expect(existsSync(`${path}.3`)).toBe(false);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a log file goes on where an earlier process stopped', () => {
  const path = join(temporaryFolder(), 'seq.log');
  for (const text of ['first\n', 'second\n']) {
    const file = new LogFile(path);
    file.write(text);
    file.close();
  }
  expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n');
});

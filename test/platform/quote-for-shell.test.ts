import { expect, test } from 'vitest';
import { quoteForShell } from '../../src/platform/quote-for-shell.js';

test('plain words stay as they are, all else is quoted', () => {
  expect(quoteForShell('./backup.sh')).toBe('./backup.sh');
  expect(quoteForShell("it's; $x")).toBe("'it'\\''s; $x'");
  // To a shell it would be a variable, where it stands first.
  expect(quoteForShell('A=1')).toBe("'A=1'");
});

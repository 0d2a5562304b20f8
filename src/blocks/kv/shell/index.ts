import { type ByteString, byteStringOfText } from '../bytes.js';
import { allCommands } from '../file/all-commands.js';
import { readRecordLines } from '../report/lines.js';
import { rawLines, replyJson, replyLines } from './replies.js';
import { Shell, type ShellOptions } from './shell.js';

/** Of a line, for who does not keep secrets. */
const SECRET = /^\s*(auth|hello|acl|config\s+set)\b/i;

export const isSecret = (line: string): boolean => SECRET.test(line);

export const openShell = (options: Omit<ShellOptions, 'commands'>): Shell =>
  new Shell({
    ...options,
    commands: [...new Set(allCommands().map(({ name }) => name)), 'multi', 'exec', 'discard'].sort(),
  });

/** Lines of stdin, whatever their bytes are. */
export const inputCommands = (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ByteString> =>
  readRecordLines(chunks, 'latin1');

export { byteStringOfText, rawLines, replyJson, replyLines, type Shell };

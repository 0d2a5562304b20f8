/** Lines that somebody types at a prompt, with a history that is kept in a file, and completion. Both streams are terminals. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { escapeForTerminal } from '../terminal-safety.js';

/** Lines that are kept. */
const MOST_HISTORY = 1_000;

export interface PromptOptions {
  /** Asked before each line. */
  readonly prompt: () => string;
  /** Readable by nobody else. */
  readonly historyFile: string;
  /** Such lines are not kept. */
  readonly isSecret: (line: string) => boolean;
  readonly complete: (line: string) => Promise<{ readonly word: string; readonly candidates: readonly string[] }>;
  /** Called by the Ctrl-C that ends it, also while a line is worked on. */
  readonly interrupted: () => void;
}

/** Ends with Ctrl-D, and with Ctrl-C on an empty line; on another one Ctrl-C drops what was typed. */
export async function* promptLines(options: PromptOptions): AsyncGenerator<string> {
  const history = readHistory(options.historyFile);
  const reader = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: true,
    history: [...history],
    historySize: MOST_HISTORY,
    removeHistoryDuplicates: true,
    completer: completerOf(options.complete),
  });
  const lines = new TypedLines(reader, options.interrupted);
  const kept = history.toReversed();
  try {
    for (;;) {
      reader.setPrompt(escapeForTerminal(options.prompt()));
      const line = await lines.next();
      if (line === undefined) {
        // What is printed next does not stand behind the prompt.
        process.stderr.write('\n');
        return;
      }
      if (line.trim() !== '' && !options.isSecret(line)) kept.push(line);
      yield line;
    }
  } finally {
    reader.close();
    writeHistory(options.historyFile, kept.slice(-MOST_HISTORY));
  }
}

class TypedLines {
  readonly #reader: Interface;
  readonly #waiting: string[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(reader: Interface, interrupted: () => void) {
    this.#reader = reader;
    reader.on('line', (line) => {
      this.#waiting.push(line);
      this.#wake?.();
    });
    reader.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
    reader.on('SIGINT', () => {
      if (reader.line === '') {
        reader.close();
        return interrupted();
      }
      process.stderr.write('\n');
      // To the beginning, then away with the rest.
      reader.write(null, { ctrl: true, name: 'e' });
      reader.write(null, { ctrl: true, name: 'u' });
    });
  }

  /** undefined: there are no more. */
  async next(): Promise<string | undefined> {
    if (this.#waiting.length === 0 && !this.#closed) {
      this.#reader.prompt();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return this.#waiting.shift();
  }
}

type Completer = (line: string, done: (error: Error | null, result: [string[], string]) => void) => void;

function completerOf(complete: PromptOptions['complete']): Completer {
  return (line, done) => {
    complete(line).then(
      ({ word, candidates }) => done(null, [candidates.map(escapeForTerminal), word]),
      // Nothing to be offered; what is wrong is told to who runs the command.
      () => done(null, [[], line]),
    );
  };
}

/** The newest first, as readline has it. */
function readHistory(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .toReversed();
}

function writeHistory(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
}

/** What people may have meant who are answered with nothing. */
import { statSync } from 'node:fs';
import { quoteForShell } from '../../../platform/quote-for-shell.js';

export interface AskedForNothing {
  /** `query`: of ds log. */
  readonly verb: string;
  /** The query as it was typed, and files. */
  readonly words: readonly unknown[];
  /** As it was typed. */
  readonly since: string | undefined;
}

export function sayNothingFound({ verb, words, since }: AskedForNothing): string {
  const [typed = '', ...files] = words.map(String);
  if (files.length > 0) return 'nothing was found in the files';
  if (isFile(typed)) {
    return `nothing was found that has the text ${typed}; for the file: ds log ${verb} '{}' ${quoteForShell(typed)}`;
  }
  if (since !== undefined) return 'nothing was found';
  return 'nothing was found in the last hour: --since 7d looks further back; of a store, ds log stats tells how far it goes';
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

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
  /** That have entries, where none was named. */
  readonly otherTenants?: readonly string[] | undefined;
}

export function sayNothingFound({ verb, words, since, otherTenants = [] }: AskedForNothing): string {
  const query = meantAsQuery(String(words[0] ?? ''));
  if (query !== undefined) return `nothing was found: it was searched as a text, LogQL begins with {…}: ${query}`;
  if (words.length > 1) return 'nothing was found in the files';
  const meant = sayFileMeant(verb, words);
  if (meant !== undefined) return `nothing was found that has the text ${meant}`;
  const [other] = otherTenants;
  if (other !== undefined) {
    const who = otherTenants.length === 1 ? 'another tenant has' : `${otherTenants.length} other tenants have`;
    return `nothing was found; ${who} entries: --tenant ${quoteForShell(other)}, and ds log stats shows them`;
  }
  if (since !== undefined) return 'nothing was found';
  return 'nothing was found in the last hour: --since 7d looks further back; of a store, ds log stats tells how far it goes';
}

/** What a text that looks like a piece of LogQL may have been to be: `|= "x"`, `app="shop"`, `error and timeout`. */
function meantAsQuery(typed: string): string | undefined {
  if (/^\s*(?:[|!][=~>]|\|)/.test(typed)) return quoteForShell(`{} ${typed.trim()}`);
  if (/^\s*\w+\s*(?:=|!=|=~|!~)\s*["`]/.test(typed)) return quoteForShell(`{${typed.trim()}}`);
  const [, one, other] = /^\s*(\w+)\s+and\s+(\w+)\s*$/i.exec(typed) ?? [];
  return one === undefined ? undefined : quoteForShell(`{} |= "${one}" |= "${other}"`);
}

/** Where the query is the name of a file and nothing else was typed: `app.log; for the file: ds log tail '{}' app.log`. */
export function sayFileMeant(verb: string, words: readonly unknown[]): string | undefined {
  const [typed = '', ...files] = words.map(String);
  if (files.length > 0 || !isFile(typed)) return undefined;
  return `${typed}; for the file: ds log ${verb} '{}' ${quoteForShell(typed)}`;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

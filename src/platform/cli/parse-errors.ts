/**
 * oclif's errors of parsing in our words: what was wrong, with the value in it, and what was probably meant. oclif does
 * not export its error classes, so they are told apart by what they carry and, failing that, by their message
 * (test/e2e/cli.test.ts holds them against the real parser).
 */

import { closest } from '../closest.js';
import { DsError } from '../errors.js';
import { cliErrors } from './errors.js';

/** What the command would have understood. */
export interface Understood {
  /** As typed: `ds seq next`. */
  readonly command: string;
  readonly flags: readonly string[];
}

export function translateParseError(error: unknown, understood: Understood): unknown {
  if (!(error instanceof Error)) return error;
  const message = plainMessage(error.message);
  if (error instanceof DsError) {
    error.message = message;
    return error;
  }
  if (!('oclif' in error)) return error;
  if ('flags' in error && Array.isArray(error.flags)) return unknownFlag(String(error.flags[0]), understood);
  if ('args' in error && Array.isArray(error.args)) return wrongArguments(error.args, message, understood);
  return byMessage(message, understood);
}

/** Without what oclif wraps around: the flag's name before, colours, and the advice after. */
function plainMessage(message: string): string {
  return (
    message
      .replace(/^Parsing --\S+ \n\t/, '')
      .replaceAll(/\nSee more help with --help/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with ESC
      .replaceAll(/\u001b\[\d+m/g, '')
      .trim()
  );
}

function help(understood: Understood): string {
  return `${understood.command} --help`;
}

/** The nearest flag is suggested, if one is near. */
export function unknownFlag(typed: string, understood: Understood): DsError {
  const name = typed.replace(/=.*$/, '');
  const known = closest(name.replace(/^-+/, ''), understood.flags);
  const meant = known === undefined ? '' : `did you mean --${known}?`;
  // `-all` of an SPF record, say, rather than a flag.
  const asValue = /^-[^-\d]../.test(typed) ? 'a value that begins with a dash comes after --' : '';
  const hint = [meant, asValue].filter((part) => part !== '').join(' ') || help(understood);
  return cliErrors.error('usage.unknown_flag', `${understood.command} has no flag ${name}`, {
    hint,
    details: { flag: name, ...(known === undefined ? {} : { nearest: `--${known}` }) },
  });
}

/** Missing ones come as definitions, surplus ones as the strings typed. */
function wrongArguments(args: readonly unknown[], message: string, understood: Understood): DsError {
  if (message.startsWith('Unexpected argument')) {
    const surplus = String(args[0]);
    return cliErrors.error('usage.unexpected_argument', `unexpected argument ${JSON.stringify(surplus)}`, {
      hint: help(understood),
      details: { argument: surplus },
    });
  }
  const missing = args.map((arg) => (typeof arg === 'object' && arg !== null && 'name' in arg ? String(arg.name) : ''));
  return cliErrors.error('usage.missing', `missing ${missing.map((name) => name.toUpperCase()).join(' and ')}`, {
    hint: help(understood),
  });
}

type Translation = readonly [pattern: RegExp, make: (groups: readonly string[], understood: Understood) => DsError];

const TRANSLATIONS: readonly Translation[] = [
  [/^Flag --(\S+) expects a value/, ([flag], u) => missing(`--${flag} needs a value`, u)],
  [
    /^Flag --(\S+) expects one of these values: (.*)$/,
    ([flag, options], u) => missing(`--${flag} needs a value: ${options}`, u),
  ],
  [/Missing required flag (\S+)/, ([flag], u) => missing(`missing flag --${flag}`, u)],
  [/^Flag --(\S+) can only be specified once/, ([flag], u) => conflict(`--${flag} is given twice`, u)],
  [
    /--([^\s=]+)(?:=[^\n]*)? cannot also be provided when using --(\S+)/,
    ([one, other], u) => conflict(`--${other} and --${one} exclude each other`, u),
  ],
  [
    /All of the following must be provided when using --(\S+): (.*)$/s,
    ([flag, others], u) => conflict(`--${flag} needs ${others}`, u),
  ],
  [/^Expected (?:--(\S+?)=)?(.*) to be one of: (.*)$/s, (groups) => notAnOption(groups)],
  [/^Expected an? (.*) but received: (.*)$/s, ([kind, value]) => invalid(`${JSON.stringify(value)} is not an ${kind}`)],
];

function byMessage(message: string, understood: Understood): DsError {
  const reason = message.replace(/^The following errors? occurred:\s*/, '');
  for (const [pattern, make] of TRANSLATIONS) {
    const match = pattern.exec(reason);
    if (match !== null) return make(match.slice(1), understood);
  }
  return invalid(reason.charAt(0).toLowerCase() + reason.slice(1), help(understood));
}

function missing(message: string, understood: Understood): DsError {
  return cliErrors.error('usage.missing', message, { hint: help(understood) });
}

function conflict(message: string, understood: Understood): DsError {
  return cliErrors.error('usage.conflict', message, { hint: help(understood) });
}

function invalid(message: string, hint?: string): DsError {
  return cliErrors.error('usage.invalid_value', message, hint === undefined ? {} : { hint });
}

function notAnOption([flag, value = '', list = '']: readonly (string | undefined)[]): DsError {
  const options = list.split(', ');
  const meant = closest(value, options);
  const name = flag === undefined ? '' : `--${flag} `;
  return cliErrors.error('usage.invalid_value', `${name}${JSON.stringify(value)} is none of ${options.join(', ')}`, {
    ...(meant === undefined ? {} : { hint: `did you mean ${name}${meant}?` }),
    details: { value },
  });
}

/** `ds help exit-codes` and `ds help errors [CODE]`. */

import { closest } from '../../closest.js';
import { cliErrors } from '../errors.js';
import { EXIT_CODES } from '../exit-codes.js';
import { loadErrors } from '../reference/error-catalogues.js';
import { type HelpStyle, section, twoColumns } from './layout.js';

export function exitCodesPage(style: HelpStyle): string {
  const rows = EXIT_CODES.map(({ code, meaning }) => [String(code).padStart(3), meaning] as const);
  return section('EXIT CODES', twoColumns(rows, style), style);
}

/** All codes, those of an area (`store`), or one (`store.locked`). */
export async function errorsPage(root: string, wanted: string | undefined, style: HelpStyle): Promise<string> {
  const all = await loadErrors(root);
  const chosen = all.filter(({ code }) => wanted === undefined || code === wanted || code.startsWith(`${wanted}.`));
  if (chosen.length === 0) {
    const meant = closest(
      wanted ?? '',
      all.map(({ code }) => code),
    );
    throw cliErrors.error('usage.invalid_value', `there is no error ${JSON.stringify(wanted)}`, {
      hint: meant === undefined ? 'ds help errors' : `ds help errors ${meant}`,
    });
  }
  const rows = chosen.map(({ code, exitCode, meaning }) => [code, `${meaning} (exit ${exitCode})`] as const);
  return section('ERRORS', twoColumns(rows, style), style);
}

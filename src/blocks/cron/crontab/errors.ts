/** Errors of a crontab: all say the file and the line. */
import type { DsError } from '../../../platform/errors.js';
import { cronErrors } from '../errors.js';

/** Makes `cron.bad_crontab` (details: path, line). */
export function badCrontab(filename: string, line: number, problem: string, hint?: string): DsError {
  return cronErrors.error('cron.bad_crontab', `${filename}:${line}: ${problem}`, {
    ...(hint !== undefined && { hint }),
    details: { path: filename, line },
  });
}

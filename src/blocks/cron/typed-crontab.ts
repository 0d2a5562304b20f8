/** Which crontab is meant, by the flags that commands have for it. */
import type { CrontabOptions } from './crontab.js';

export interface CrontabFlags {
  readonly system: boolean;
  readonly user?: string | undefined;
  readonly home?: string | undefined;
}

/** What is not told is as of `own`, who runs the command. */
export function crontabOf(
  { system, user, home }: CrontabFlags,
  own: { readonly username: string; readonly homedir: string },
): Pick<CrontabOptions, 'form' | 'user' | 'home'> {
  return { form: system ? 'system' : 'user', user: user ?? own.username, home: home ?? own.homedir };
}

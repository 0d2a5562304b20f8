/** A flag as data, for blocks that read its value themselves: `platform/cli/flags.ts` makes flags of them. */
export interface TextFlag {
  /** What help calls the value: `URL`. */
  readonly value: string;
  /** One line for help. */
  readonly about: string;
  readonly choices?: readonly string[];
  /** What holds where it is not given, for help. */
  readonly byDefault?: string;
  /** May be given any number of times. */
  readonly multiple?: boolean;
}

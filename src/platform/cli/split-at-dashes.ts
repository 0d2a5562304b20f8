/**
 * The words before `--`, which are this command's own, and those behind it, which are another program's. oclif would sort arguments
 * by where their like stands first, and so reorder them.
 */
export function splitAtDashes(argv: readonly string[]): { readonly own: string[]; readonly behind: string[] } {
  const at = argv.indexOf('--');
  return at === -1 ? { own: [...argv], behind: [] } : { own: argv.slice(0, at), behind: argv.slice(at + 1) };
}

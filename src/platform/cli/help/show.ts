export async function showHelp(_root: string, _words: readonly string[], _typed: readonly string[]): Promise<void> {}

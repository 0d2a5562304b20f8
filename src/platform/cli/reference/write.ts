export async function writeReference(_root: string, _check: boolean): Promise<string[]> {
  return [];
}

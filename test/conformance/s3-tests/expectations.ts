/**
 * Which tests of ceph/s3-tests fail, by groups with a reason each: what passes and should not, and what fails and should not, are
 * both told of.
 *
 * A group is a line `= name: reason`; below it each line is the name of a test.
 */

export interface Group {
  readonly name: string;
  readonly reason: string;
  readonly tests: readonly string[];
}

export function parseExpectations(text: string): Group[] {
  const groups: { name: string; reason: string; tests: string[] }[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const head = /^= ([^:]+): (.+)$/.exec(line);
    if (head !== null) {
      groups.push({ name: head[1] ?? '', reason: head[2] ?? '', tests: [] });
      continue;
    }
    const group = groups.at(-1);
    if (group === undefined) throw new Error(`a test without a group: ${line}`);
    group.tests.push(line);
  }
  return groups;
}

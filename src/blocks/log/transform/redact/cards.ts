/**
 * Numbers of payment cards (ISO/IEC 7812): 13 to 19 digits that pass Luhn's check and begin as those of issuers of cards do.
 *
 *     4111111111111111   4111 1111 1111 1111   3782-822463-10005      digits in one piece, or in groups as they are printed
 *
 * A number is taken whole or not at all: a part of a longer row of digits is no card, for a timestamp in nanoseconds has nineteen digits.
 */
const ROW = /\d+(?:[ .-]\d+)*/g;
const FEWEST = 13;
const MOST = 19;
/** Groups of a printed number. */
const MOST_GROUPS = 5;

export function redactCards(text: string, mask: string): string {
  ROW.lastIndex = 0;
  let result = '';
  let copied = 0;
  for (let row = ROW.exec(text); row !== null; row = ROW.exec(text)) {
    if (row[0].length < FEWEST) continue;
    for (const [from, to] of cardsIn(row[0])) {
      result += text.slice(copied, row.index + from) + mask;
      copied = row.index + to;
    }
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** Where cards are in a row of groups of digits, each separated by one character. */
function cardsIn(row: string): [from: number, to: number][] {
  const groups = row.split(/[ .-]/);
  const found: [number, number][] = [];
  let at = 0;
  for (let i = 0; i < groups.length; ) {
    const taken = groupsOfCard(groups, i);
    const length = groups.slice(i, i + Math.max(taken, 1)).reduce((sum, group) => sum + group.length + 1, -1);
    if (taken > 0) found.push([at, at + length]);
    at += length + 1;
    i += Math.max(taken, 1);
  }
  return found;
}

/** How many groups from `first` on are a card; 0 where none are. The longest that is one. */
function groupsOfCard(groups: readonly string[], first: number): number {
  let digits = '';
  let taken = 0;
  for (let i = first; i < groups.length && i < first + MOST_GROUPS; i++) {
    const group = groups[i] ?? '';
    const printed = i === first || (groups[first]?.length === 4 && group.length <= 7);
    digits += group;
    if (!printed || digits.length > MOST) break;
    if (digits.length >= FEWEST && /^[2-6]/.test(digits) && passesLuhn(digits)) taken = i - first + 1;
  }
  return taken;
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

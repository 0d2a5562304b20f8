/** Go's layouts of dates, written as the reference time would be: `2006-01-02T15:04:05.000Z07:00`. */
import type { Moment } from './value.js';

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Longer ones first. */
export const LAYOUT_ELEMENT =
  /January|Jan|Monday|Mon|MST|2006|Z07:00|Z0700|Z07|-07:00|-0700|-07|_2|002|01|02|03|04|05|06|15|PM|pm|[.,]0+(?!\d)|[.,]9+(?!\d)|1|2|3|4|5/g;

export function formatLayout(layout: string, moment: Moment): string {
  const local = moment.nanos + BigInt(moment.offset) * 60_000_000_000n;
  const nanos = Number(((local % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
  const date = new Date(Number((local - BigInt(nanos)) / 1_000_000n));
  return layout.replace(LAYOUT_ELEMENT, (element) => formatElement(element, date, nanos, moment));
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function formatElement(element: string, date: Date, nanos: number, moment: Moment): string {
  const hour12 = date.getUTCHours() % 12 || 12;
  switch (element) {
    case '2006':
      return String(date.getUTCFullYear()).padStart(4, '0');
    case '06':
      return two(date.getUTCFullYear() % 100);
    case 'January':
      return MONTHS[date.getUTCMonth()] ?? '';
    case 'Jan':
      return (MONTHS[date.getUTCMonth()] ?? '').slice(0, 3);
    case '01':
      return two(date.getUTCMonth() + 1);
    case '1':
      return String(date.getUTCMonth() + 1);
    case 'Monday':
      return DAYS[date.getUTCDay()] ?? '';
    case 'Mon':
      return (DAYS[date.getUTCDay()] ?? '').slice(0, 3);
    case '02':
      return two(date.getUTCDate());
    case '_2':
      return String(date.getUTCDate()).padStart(2, ' ');
    case '2':
      return String(date.getUTCDate());
    case '002':
      return String(dayOfYear(date)).padStart(3, '0');
    case '15':
      return two(date.getUTCHours());
    case '03':
      return two(hour12);
    case '3':
      return String(hour12);
    case '04':
      return two(date.getUTCMinutes());
    case '4':
      return String(date.getUTCMinutes());
    case '05':
      return two(date.getUTCSeconds());
    case '5':
      return String(date.getUTCSeconds());
    case 'PM':
      return date.getUTCHours() < 12 ? 'AM' : 'PM';
    case 'pm':
      return date.getUTCHours() < 12 ? 'am' : 'pm';
    case 'MST':
      return moment.zone;
    default:
      return element.startsWith('.') || element.startsWith(',')
        ? formatFraction(element, nanos)
        : formatOffset(element, moment.offset);
  }
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}

/** `.000` has three digits, `.999` up to three. */
function formatFraction(element: string, nanos: number): string {
  const digits = String(nanos)
    .padStart(9, '0')
    .slice(0, element.length - 1);
  if (element[1] === '0') return `${element[0]}${digits.padEnd(element.length - 1, '0')}`;
  const short = digits.replace(/0+$/, '');
  return short === '' ? '' : `${element[0]}${short}`;
}

function formatOffset(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z';
  const minutes = Math.abs(offset);
  const sign = offset < 0 ? '-' : '+';
  const hours = two(Math.floor(minutes / 60));
  if (element.endsWith(':00')) return `${sign}${hours}:${two(minutes % 60)}`;
  return element.endsWith('0700') ? `${sign}${hours}${two(minutes % 60)}` : `${sign}${hours}`;
}

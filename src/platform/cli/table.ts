/** Tables for a terminal and lines for a pipe, from one description of the columns. */
import type * as CliTable from 'cli-table3';
import type { Color, Paint } from '../colors.js';
import { escapeForTerminal } from '../terminal-safety.js';
import { cutToWidth, textWidth } from './text-width.js';

export type Cell = string | number | bigint | boolean | undefined;

export interface Column<Row> {
  readonly header: string;
  /** The exact value, as a pipe gets it: ISO 8601 for times, plain digits for numbers. */
  readonly value: (row: Row) => Cell;
  /** What a terminal shows instead: relative times, humanised numbers. Default: the value. */
  readonly display?: (row: Row) => string;
  /** Default: right for numbers and bigints. */
  readonly align?: 'left' | 'right';
  readonly color?: (row: Row) => Color | undefined;
  /** Not cut while another column can be: an ID or a URL of which a part is missing is of no use. */
  readonly keep?: boolean;
  /** Left out of a window that has no room for all of it. */
  readonly optional?: boolean;
}

export interface TableStyle {
  /** Columns of the window. */
  readonly width: number;
  readonly paint: Paint;
}

/** Spaces between two columns. */
const GAP = 2;
/** A column is not cut below this width while another one is wider. */
const NARROWEST = 4;

export function renderTabs<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return rows.map((row) => renderRecord(columns.map((column) => column.value(row)))).join('');
}

/** One line, as a pipe gets it. */
export function renderRecord(cells: readonly Cell[]): string {
  return `${cells.map(tabCell).join('\t')}\n`;
}

/** A tab or a line break in a value would make two fields or records of one. */
function tabCell(value: Cell): string {
  return value === undefined ? '' : String(value).replace(/[\t\n\r]/g, (character) => escapeForTerminal(character));
}

export function renderTable<Row>(all: readonly Column<Row>[], rows: readonly Row[], style: TableStyle): string {
  const columns = fitColumns(all, rows, style.width);
  const headers = columns.map((column) => column.header);
  const texts = rows.map((row) => columns.map((column) => displayCell(column, row)));
  const widths = fitWidths(columns, naturalWidths(columns, rows), style.width - GAP * (columns.length - 1));
  const cut = (cells: readonly string[]) => cells.map((cell, i) => cutToWidth(cell, widths[i] ?? 0));

  const table = makeTable(columns, rows, widths);
  table.push(cut(headers).map((header) => style.paint('bold', header)));
  for (const [r, row] of rows.entries()) {
    table.push(
      cut(texts[r] ?? []).map((text, i) => {
        const color = columns[i]?.color?.(row);
        return color === undefined ? text : style.paint(color, text);
      }),
    );
  }
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

/** Whether all columns are as wide as their cells in a window of this width. */
export function fitsInto<Row>(width: number, columns: readonly Column<Row>[], rows: readonly Row[]): boolean {
  return naturalWidths(columns, rows).reduce((sum, natural) => sum + natural + GAP, -GAP) <= width;
}

/** What a terminal shows in a cell. */
export function displayCell<Row>(column: Column<Row>, row: Row): string {
  return escapeForTerminal(column.display?.(row) ?? String(column.value(row) ?? ''));
}

function naturalWidths<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): number[] {
  return columns.map((column) => {
    return Math.max(textWidth(column.header), ...rows.map((row) => textWidth(displayCell(column, row))));
  });
}

/** Without the optional columns, the last first, for which there is no room. */
function fitColumns<Row>(all: readonly Column<Row>[], rows: readonly Row[], room: number): readonly Column<Row>[] {
  const natural = naturalWidths(all, rows);
  let over = natural.reduce((sum, width) => sum + width + GAP, -GAP) - room;
  return all
    .toReversed()
    .filter(({ optional }, i) => {
      if (optional !== true || over <= 0) return true;
      over -= (natural.at(-1 - i) ?? 0) + GAP;
      return false;
    })
    .toReversed();
}

/** Takes from the widest columns first until all fit; from those to keep only when the others have no more to give. */
function fitWidths<Row>(columns: readonly Column<Row>[], natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  for (let over = widths.reduce((sum, width) => sum + width, 0) - room; over > 0; over--) {
    const spare = widths.map((width, i) => (columns[i]?.keep === true || width <= NARROWEST ? 0 : width));
    const most = Math.max(...spare);
    const widest = most > 0 ? spare.indexOf(most) : widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= NARROWEST) break;
    widths[widest] = width - 1;
  }
  return widths;
}

function makeTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  widths: readonly number[],
): CliTable.Table {
  // Loaded here: most commands print no table, and nothing may be awaited between the lines of one output.
  const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  const Table: typeof CliTable.default = require('cli-table3');
  const none = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'];
  const inner = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'];
  return new Table({
    chars: { ...Object.fromEntries([...none, ...inner].map((name) => [name, ''])), middle: ' '.repeat(GAP) },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: [...widths],
    colAligns: columns.map((column) => column.align ?? (isNumeric(column, rows) ? 'right' : 'left')),
  });
}

function isNumeric<Row>(column: Column<Row>, rows: readonly Row[]): boolean {
  const values = rows.map((row) => column.value(row)).filter((value) => value !== undefined);
  return values.length > 0 && values.every((value) => typeof value === 'number' || typeof value === 'bigint');
}

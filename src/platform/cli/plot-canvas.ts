/**
 * Dots in character cells. A braille character is a grid of 2 × 4 dots, U+2800 plus one bit for each (Unicode 15,
 * section 21.1):
 *
 *     bit  0  3
 *          1  4
 *          2  5
 *          6  7
 *
 * Without Unicode a cell is one dot, drawn as a letter.
 */
const BLANK_BRAILLE = 0x2800;
const BITS = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];

export class Canvas {
  readonly columns: number;
  readonly unicode: boolean;
  readonly dotColumns: number;
  readonly dotRows: number;
  readonly #rows: number;
  readonly #bits: Uint8Array;
  /** Series that drew into the cell last, plus 1. */
  readonly #owners: Uint16Array;
  readonly #letters = new Map<number, string>();

  constructor(columns: number, rows: number, unicode: boolean) {
    this.columns = columns;
    this.#rows = rows;
    this.unicode = unicode;
    this.dotColumns = unicode ? columns * 2 : columns;
    this.dotRows = unicode ? rows * 4 : rows;
    this.#bits = new Uint8Array(columns * rows);
    this.#owners = new Uint16Array(columns * rows);
  }

  /** Outside of the canvas nothing happens. With a letter the whole cell becomes that. */
  dot(column: number, row: number, owner: number, letter?: string): void {
    if (column < 0 || row < 0 || column >= this.dotColumns || row >= this.dotRows) return;
    const [wide, high] = this.unicode ? [2, 4] : [1, 1];
    const cell = Math.floor(row / high) * this.columns + Math.floor(column / wide);
    if (letter !== undefined) this.#letters.set(cell, letter);
    else this.#bits[cell] = (this.#bits[cell] ?? 0) | (BITS[(row % 4) * 2 + (column % 2)] ?? 0);
    if (letter !== undefined || !this.#letters.has(cell)) this.#owners[cell] = owner + 1;
  }

  /** After Bresenham; both ends included. */
  line(fromColumn: number, fromRow: number, toColumn: number, toRow: number, owner: number, letter?: string): void {
    const steps = Math.max(Math.abs(toColumn - fromColumn), Math.abs(toRow - fromRow), 1);
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      const column = Math.round(fromColumn + (toColumn - fromColumn) * share);
      this.dot(column, Math.round(fromRow + (toRow - fromRow) * share), owner, letter);
    }
  }

  /** Neighbours of one series are painted together. Blanks at the end of a row are left out. */
  rows(paint: (text: string, owner: number) => string): string[] {
    return Array.from({ length: this.#rows }, (_, row) => {
      let line = '';
      let run = '';
      let owner = 0;
      const flush = () => {
        line += owner === 0 ? run : paint(run, owner - 1);
        run = '';
      };
      for (let cell = row * this.columns; cell < this.#end(row); cell++) {
        const next = this.#owners[cell] ?? 0;
        if (next !== owner) flush();
        owner = next;
        run += this.#character(cell);
      }
      flush();
      return line;
    });
  }

  #end(row: number): number {
    let end = (row + 1) * this.columns;
    while (end > row * this.columns && this.#owners[end - 1] === 0) end--;
    return end;
  }

  #character(cell: number): string {
    const letter = this.#letters.get(cell);
    if (letter !== undefined) return letter;
    const bits = this.#bits[cell] ?? 0;
    return bits === 0 ? ' ' : String.fromCharCode(BLANK_BRAILLE + bits);
  }
}

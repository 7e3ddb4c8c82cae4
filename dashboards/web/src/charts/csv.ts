// Tables as CSV that spreadsheets open rightly and safely.

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

// A cell that a spreadsheet would run as a formula is defused, a number is left alone.
const harmless = (cell: string): string =>
  /^[=+\-@\t\r]/.test(cell) && !/^-?[\d.]+(e[+-]?\d+)?$/i.test(cell) ? `'${cell}` : cell;

// RFC 4180, with the mark that makes spreadsheets read it as UTF-8.
export function csv(rows: readonly (readonly (string | number | undefined)[])[]): string {
  const line = (row: (typeof rows)[number]) =>
    row.map(cell => quoted(harmless(cell === undefined ? '' : String(cell)))).join(',');
  return `\ufeff${rows.map(line).join('\r\n')}\r\n`;
}

// Saving what is seen: the picture as SVG or PNG, the figures as CSV.
import { formatInstant } from '../format/date';
import type { Picture } from './option';
import { chartOption } from './option';
import { init } from './echarts';

const width = 1200;
const height = 640;
const pngScale = 2;

export function save(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function svgOf(picture: Omit<Picture, 'size'>): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(chartOption({ ...picture, size: 15 }));
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}

export async function pngOf(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * pngScale;
    canvas.height = height * pngScale;
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser made no picture'))), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

// A cell that a spreadsheet would run as a formula is defused, a number is left alone.
const harmless = (cell: string): string => (/^[=+\-@\t\r]/.test(cell) && !/^-?[\d.]+(e[+-]?\d+)?$/i.test(cell) ? `'${cell}` : cell);

// RFC 4180, with the mark that makes spreadsheets read it as UTF-8.
export function csv(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return `\ufeff${rows.map((row) => row.map((cell) => quoted(harmless(cell === undefined ? '' : String(cell)))).join(',')).join('\r\n')}\r\n`;
}

export const stamp = (zone: string): string => formatInstant(Date.now(), zone).replace(' ', 'T').replace(':', '');

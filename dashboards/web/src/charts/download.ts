// Saving what is seen: the picture as SVG or PNG, and any file.
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
      canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('the browser made no picture'))), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

export const stamp = (zone: string): string => formatInstant(Date.now(), zone).replace(' ', 'T').replace(':', '');

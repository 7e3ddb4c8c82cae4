// What csv promises, case by case.
import { describe, expect, it } from 'vitest';
import { csv } from './csv';

describe('CSV', () => {
  it('is RFC 4180 with the mark of UTF-8', () => {
    expect(
      csv([
        ['a', 'b'],
        ['x,"y"', 1.5],
      ]),
    ).toBe('\ufeffa,b\r\n"x,""y""",1.5\r\n');
  });
  it('writes absent cells empty and numbers as they are', () => {
    expect(csv([[undefined, -1.25, '-3']])).toBe('\ufeff,-1.25,-3\r\n');
  });
  it('lets no cell run as a formula', () => {
    expect(csv([['=cmd()', '+1+2', '@x', '-x']])).toBe("\ufeff'=cmd(),'+1+2,'@x,'-x\r\n");
  });
});

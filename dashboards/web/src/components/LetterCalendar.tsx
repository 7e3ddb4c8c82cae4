// A month as a letter, one cell a production day, as it hangs on shop-floor walls. One tab stop; arrow keys move
// from day
// to day, Enter opens a day.
import type { KeyboardEvent } from 'react';
import { useRef, useState } from 'react';
import type { Cell, CellState, Letter } from '../judge/calendar';
import { places } from '../judge/calendar';
import type { MessageKey } from '../i18n/messages';
import { useText } from './context';

interface Props {
  letter: Letter;
  cells: readonly Cell[];
  today: string;
  label: string;
  // Words for the states, as they differ between the safety cross and the other letters.
  words: Record<CellState, MessageKey>;
  open: ((cell: Cell) => void) | undefined;
  describe: (cell: Cell) => string;
}

export function LetterCalendar({ letter, cells, today, label, words, open, describe }: Props) {
  const t = useText();
  const at = places(letter);
  const [focused, setFocused] = useState(-1);
  const grid = useRef<HTMLDivElement>(null);
  const reachable = Math.max(1, cells.filter(cell => cell.state !== 'future').length);
  const stop = focused >= 0 && focused < reachable ? focused : reachable - 1;

  const onKeyDown = (event: KeyboardEvent) => {
    const place = at[stop]!;
    const vertical = (by: number) => {
      const near = at
        .map((other, index) => ({ other, index }))
        .filter(({ other, index }) => other.row === place.row + by && index < reachable);
      near.sort((a, b) => Math.abs(a.other.column - place.column) - Math.abs(b.other.column - place.column));
      return near[0]?.index ?? stop;
    };
    const moves: Record<string, () => number> = {
      ArrowRight: () => Math.min(reachable - 1, stop + 1),
      ArrowLeft: () => Math.max(0, stop - 1),
      ArrowDown: () => vertical(1),
      ArrowUp: () => vertical(-1),
      Home: () => 0,
      End: () => reachable - 1,
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const next = move();
    setFocused(next);
    grid.current?.querySelector<HTMLButtonElement>(`[data-index="${next}"]`)?.focus();
  };

  return (
    <div className="letter" role="group" aria-label={label} ref={grid} onKeyDown={onKeyDown}>
      {at.map((place, index) => {
        const cell = cells[index];
        const style = { gridRow: place.row + 1, gridColumn: place.column + 1 };
        if (!cell) return <span key={index} className="cell cell-blank" style={style} aria-hidden="true" />;
        const number = Number(cell.day.slice(8));
        const text = `${cell.day}: ${t(words[cell.state])}${describe(cell)}`;
        const className = `cell cell-${cell.state}${cell.day === today ? ' cell-today' : ''}`;
        return (
          <button
            key={cell.day}
            type="button"
            data-index={index}
            className={className}
            style={style}
            title={text}
            aria-label={`${number}, ${text}`}
            aria-current={cell.day === today ? 'date' : undefined}
            tabIndex={index === stop ? 0 : -1}
            disabled={cell.state === 'future' || !open}
            onFocus={() => setFocused(index)}
            onClick={() => open?.(cell)}
          >
            {number}
            {cell.marks > 0 && <i className="cell-mark" aria-hidden="true" />}
          </button>
        );
      })}
    </div>
  );
}

// TV mode has one screen and nobody who scrolls: what does not fit is shrunk as a whole until it does.
import { useEffect } from 'react';

const smallest = 0.6;
const steps = 6;

export function useFit(on: boolean): void {
  useEffect(() => {
    const root = document.documentElement;
    if (!on) return undefined;
    let last = '';
    const fit = () => {
      const state = `${window.innerWidth} ${window.innerHeight} ${document.body.innerText.length}`;
      if (state === last || window.innerHeight > window.innerWidth) return;
      last = state;
      let low = smallest;
      let high = 1;
      const set = (to: number) => root.style.setProperty('--fit', to.toFixed(3));
      const fits = () => document.body.scrollHeight <= window.innerHeight;
      set(1);
      if (fits()) return;
      for (let i = 0; i < steps; ++i) {
        const middle = (low + high) / 2;
        set(middle);
        if (fits()) low = middle;
        else high = middle;
      }
      set(low);
    };
    fit();
    const changed = new MutationObserver(fit);
    changed.observe(document.body, { childList: true, subtree: true, characterData: true });
    window.addEventListener('resize', fit);
    return () => {
      changed.disconnect();
      window.removeEventListener('resize', fit);
      root.style.removeProperty('--fit');
    };
  }, [on]);
}

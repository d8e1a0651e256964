import { useEffect } from 'preact/hooks';
import { session } from '../state/session.js';

/**
 * Runs something again and again while the page is looked at and signed in, and once when a person comes back to it.
 *
 * @param everyMs - from the end of one run to the next; 0 runs nothing
 */
export function usePoll(run: () => Promise<void>, everyMs: number): void {
  useEffect(() => {
    if (everyMs === 0) return;
    let timer = 0;
    let stopped = false;
    const isLookedAt = () => document.visibilityState === 'visible' && session.peek() !== 'over';

    function wait(): void {
      window.clearTimeout(timer);
      if (!stopped) timer = window.setTimeout(again, everyMs);
    }
    function again(): void {
      window.clearTimeout(timer);
      void (isLookedAt() ? run() : Promise.resolve()).finally(wait);
    }
    document.addEventListener('visibilitychange', again);
    wait();
    return () => {
      stopped = true;
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [run, everyMs]);
}

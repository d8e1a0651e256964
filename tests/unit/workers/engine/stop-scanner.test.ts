import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StopScanner } from '../../../../workers/engine/stop-scanner.js';

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c') });
const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), {
  maxLength: 3,
});

function scan(pieces: readonly string[], stops: readonly string[]): { text: string; stopped: boolean } {
  const scanner = new StopScanner(stops);
  let text = '';
  for (const piece of pieces) {
    const scanned = scanner.push(piece);
    text += scanned.text;
    if (scanned.stopped) return { text, stopped: true };
  }
  return { text: text + scanner.end(), stopped: false };
}

test('shows everything before the first stop text, however the text is cut', () => {
  fc.assert(
    fc.property(fc.array(letters), stops, (pieces, stops) => {
      const whole = pieces.join('');
      const { text, stopped } = scan(pieces, stops);
      const contained = stops.some((stop) => whole.includes(stop));

      expect(stopped).toBe(contained);
      expect(whole.startsWith(text)).toBe(true);
      expect(stops.some((stop) => text.includes(stop))).toBe(false);
      if (contained) expect(stops.some((stop) => whole.startsWith(stop, text.length))).toBe(true);
      else expect(text).toBe(whole);
    }),
  );
});

test('keeps back no more than could begin a stop text', () => {
  fc.assert(
    fc.property(fc.array(letters), stops, (pieces, stops) => {
      const scanner = new StopScanner(stops);
      let given = 0;
      let shown = 0;
      for (const piece of pieces) {
        const { text, stopped } = scanner.push(piece);
        if (stopped) return;
        given += piece.length;
        shown += text.length;
        expect(given - shown).toBeLessThan(Math.max(1, ...stops.map((stop) => stop.length)));
      }
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StopScanner } from '../../../../src/domain/text/stop-scanner.js';

// Two letters, so that stop texts often lie in each other, and short pieces, so that they are cut everywhere.
const letter = fc.constantFrom('a', 'b');
const letters = fc.string({ unit: letter, maxLength: 3 });
const stops = fc.array(fc.string({ unit: letter, minLength: 1, maxLength: 5 }), { maxLength: 3 });

function scan(pieces: readonly string[], stops: readonly string[]): { text: string; stopped: boolean } {
  const scanner = new StopScanner(stops);
  let text = '';
  for (const piece of pieces) {
    const scanned = scanner.push(piece);
    text += scanned.text;
    if (scanned.stopped) return { text, stopped: true };
  }
  const last = scanner.end();
  return { text: text + last.text, stopped: last.stopped };
}

test('a text ends before its earliest stop text, however it is cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(letters), stops, (pieces, stops) => {
      const whole = pieces.join('');
      const places = stops.map((stop) => whole.indexOf(stop)).filter((place) => place >= 0);

      expect(scan(pieces, stops)).toEqual(
        places.length === 0
          ? { text: whole, stopped: false }
          : { text: whole.slice(0, Math.min(...places)), stopped: true },
      );
    }),
    { numRuns: 1000 },
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

describe('a short stop text inside a longer one that began before it', () => {
  test('waits until the longer one is decided', () => {
    const scanner = new StopScanner(['abcd', 'bc']);

    expect(scanner.push('xabc')).toEqual({ text: 'x', stopped: false });
    expect(scanner.push('d')).toEqual({ text: '', stopped: true });
  });

  test('ends the text where the longer one does not come', () => {
    const scanner = new StopScanner(['abcd', 'bc']);

    expect(scanner.push('xabc')).toEqual({ text: 'x', stopped: false });
    expect(scanner.push('e')).toEqual({ text: 'a', stopped: true });
  });

  test('ends the text where nothing more comes', () => {
    const scanner = new StopScanner(['abcd', 'bc']);

    scanner.push('xabc');
    expect(scanner.end()).toEqual({ text: 'a', stopped: true });
    expect(scanner.end()).toEqual({ text: '', stopped: false });
  });

  test('waits for nothing where both begin at one place', () => {
    expect(new StopScanner(['abcd', 'ab']).push('xab')).toEqual({ text: 'x', stopped: true });
  });
});

test('an empty stop text stops nothing', () => {
  expect(scan(['any', ' text'], [''])).toEqual({ text: 'any text', stopped: false });
});

import { sanitizeMath } from './sanitize.js';

/** Shows a formula as MathML once the means have loaded; until then, and where it is none, as it was written. */
export async function dressFormula(place: HTMLElement): Promise<void> {
  const { default: temml } = await import('temml');
  const displayMode = 'display' in place.dataset;
  const markup = temml.renderToString(place.textContent ?? '', {
    displayMode,
    throwOnError: false,
    trust: false,
  });
  // The page's policy lets no style within a document; formulas read well without.
  place.replaceChildren(sanitizeMath(markup.replaceAll(/ style="[^"]*"/g, '')));
}

import type { Loaded } from '../parts/use-loaded.js';
import { SAID } from './sentences.js';

/** Why there is nothing to see yet, or no longer. */
export function SectionState({ of }: { readonly of: Loaded<unknown> }) {
  return (
    <>
      {of.value === null && of.problem === '' && <p class="quiet">{SAID.loading}</p>}
      <p class="problem" role="alert">
        {of.problem}
      </p>
    </>
  );
}

import type { AdminModel } from '../../api/api-types.js';
import { Moment } from '../../parts/moment.js';
import { Status, type Tone } from '../../parts/status.js';
import { SAID } from '../sentences.js';

const TONES: Readonly<Record<AdminModel['state'], Tone>> = {
  loaded: 'good',
  hosted: 'good',
  'on-disk': 'off',
  missing: 'off',
  pulling: 'busy',
  loading: 'busy',
  failed: 'bad',
};

/** How a model is, how far what goes on with it is, and what was wrong last. */
export function ModelState({ model }: { readonly model: AdminModel }) {
  const { alias, state, progress, doing, ordered, checked, problem } = model;
  const goesOn = doing ?? ordered;
  return (
    <div>
      <Status tone={TONES[state]}>{SAID.modelStates[state]}</Status>
      {goesOn !== null && (
        <span class="more">
          {doing === null ? SAID.waitsFor(SAID.modelActions[goesOn]) : SAID.goesOn(SAID.modelActions[goesOn])}
        </span>
      )}
      {progress !== null && (
        <span class="more">
          <progress value={progress} max={1} aria-label={SAID.progressOf(alias)} />{' '}
          {Math.floor(progress * 100)} %
        </span>
      )}
      {checked?.ok && (
        <span class="more">
          {SAID.checked} <Moment at={checked.at} />
        </span>
      )}
      {checked?.problem && checked.problem !== problem && <span class="more problem">{checked.problem}</span>}
      {problem !== null && <span class="more problem">{problem}</span>}
    </div>
  );
}

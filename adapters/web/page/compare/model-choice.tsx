import { useId } from 'preact/hooks';
import type { ListedModel } from '../chat/settings/model/model-list.js';
import type { Side } from './comparison.js';
import { SAID } from './sentences.js';

interface ModelChoiceProps {
  readonly side: Side;
  readonly models: readonly ListedModel[];
  readonly onChoose: (alias: string) => void;
}

/** Who answers on one side. */
export function ModelChoice({ side, models, onChoose }: ModelChoiceProps) {
  const id = useId();
  const chosen = models.find(({ alias }) => alias === side.alias.value);
  return (
    <div class="model-choice">
      <label for={id}>{SAID[side.name]}</label>
      <select id={id} value={side.alias.value} onChange={({ currentTarget: { value } }) => onChoose(value)}>
        {!chosen && <option value={side.alias.value}>{side.alias.value}</option>}
        {models.map(({ alias }) => (
          <option key={alias} value={alias}>
            {alias}
          </option>
        ))}
      </select>
      {chosen && (
        <p class="quiet">
          {chosen.description ? `${chosen.description} · ` : ''}
          {SAID.about(chosen.runs, chosen.state)}
        </p>
      )}
    </div>
  );
}

import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { ParameterName, ParameterRange } from './options.js';
import { readNumber } from './read-number.js';
import { PARAMETER_SAID, SETTING_SAID } from './sentences.js';
import { sliderScale } from './slider-scale.js';

interface ParameterFieldProps {
  readonly name: ParameterName;
  readonly range: ParameterRange;
  /** Null: the default holds. */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
}

/** A slider with its default marked, and beside it the same as a number to type. */
export function ParameterField({ name, range, value, onChange }: ParameterFieldProps) {
  const { label, hint } = PARAMETER_SAID[name];
  const id = useId();
  const slider = useRef<HTMLInputElement>(null);
  const track = useRef<HTMLDivElement>(null);
  const typed = useSignal<string | null>(null);
  const problem = useSignal('');
  const scale = useMemo(() => sliderScale(range), [range.min, range.max, range.default, range.whole]);
  const shown = value ?? range.default;
  const position = scale.positionOf(shown);

  useLayoutEffect(() => {
    track.current?.style.setProperty('--at', String(position / scale.last));
    track.current?.style.setProperty('--default-at', String(scale.positionOf(range.default) / scale.last));
  }, [position, scale, range.default]);

  function set(to: number | null): void {
    const wanted = to === range.default ? null : to;
    if (wanted !== value) onChange(wanted);
  }

  /** @param done - whether the person has left the field: only then is half a number a mistake */
  function type(text: string, done: boolean): void {
    const read = readNumber(text, range, label);
    const isWrong = 'problem' in read;
    typed.value = done && !isWrong ? null : text;
    problem.value = isWrong && (done || problem.value !== '') ? read.problem : '';
    if (!isWrong && (done || read.value !== null)) set(read.value);
  }

  function slide(to: number | null): void {
    typed.value = null;
    problem.value = '';
    set(to);
  }

  return (
    <div class="parameter">
      <label for={`${id}-slider`}>{label}</label>
      <input
        class="parameter-number"
        inputMode="decimal"
        autocomplete="off"
        aria-label={SETTING_SAID.asNumber(label)}
        aria-describedby={`${id}-problem`}
        aria-invalid={problem.value !== ''}
        value={typed.value ?? String(shown)}
        onInput={({ currentTarget }) => type(currentTarget.value, false)}
        onChange={({ currentTarget }) => type(currentTarget.value, true)}
      />
      <div class="track" ref={track}>
        <input
          id={`${id}-slider`}
          ref={slider}
          type="range"
          min={0}
          max={scale.last}
          step={1}
          value={position}
          aria-valuetext={String(shown)}
          aria-describedby={`${id}-hint ${id}-default`}
          onInput={({ currentTarget }) => slide(scale.valueAt(Number(currentTarget.value)))}
        />
        <span class="mark" aria-hidden="true" />
      </div>
      <p class="quiet" id={`${id}-hint`}>
        {hint}
      </p>
      <p class="parameter-default quiet">
        <span id={`${id}-default`}>{SETTING_SAID.default(range.default)}</span>
        {value !== null && (
          <button
            type="button"
            class="link"
            aria-label={SETTING_SAID.resetLabel(label)}
            onClick={() => {
              slide(null);
              slider.current?.focus();
            }}
          >
            {SETTING_SAID.reset}
          </button>
        )}
      </p>
      <p class="problem" id={`${id}-problem`} role="alert">
        {problem.value}
      </p>
    </div>
  );
}

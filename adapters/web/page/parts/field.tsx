import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** To be spread onto the control of a field. */
export interface ControlAttributes {
  readonly id: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** A sentence; empty where nothing is wrong. */
  readonly problem?: string;
  readonly children: (attributes: ControlAttributes) => ComponentChildren;
}

/** A control with its label, a hint, and beside it what is wrong with it. */
export function Field({ label, hint, problem = '', children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-more`, 'aria-invalid': problem !== '' })}
      <p id={`${id}-more`} class={problem === '' ? 'quiet' : 'problem'}>
        {problem || hint}
      </p>
    </div>
  );
}

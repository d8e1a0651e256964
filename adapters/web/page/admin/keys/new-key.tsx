import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { copyText } from '../../markdown/copy-text.js';
import { SAID } from '../sentences.js';

interface NewKeyProps {
  readonly name: string;
  /** The key itself. */
  readonly value: string;
  readonly onDone: () => void;
}

/** The one time that a key is seen. */
export function NewKey({ name, value, onDone }: NewKeyProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const copied = useSignal('');
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  return (
    <section class="card new-key" aria-labelledby={id}>
      <h2 id={id}>{SAID.newKey(name)}</h2>
      <p>{SAID.newKeyMore}</p>
      <div class="new-key-line">
        <input ref={field} readOnly value={value} aria-label={SAID.newKey(name)} />
        <button
          type="button"
          class="button main"
          onClick={async () => {
            copied.value = (await copyText(value)) ? SAID.copied : SAID.notCopied;
          }}
        >
          {SAID.copy}
        </button>
        <button type="button" class="button" onClick={onDone}>
          {SAID.keyStored}
        </button>
      </div>
      <p role="status">{copied.value}</p>
    </section>
  );
}

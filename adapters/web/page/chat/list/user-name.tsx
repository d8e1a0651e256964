import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { chooseUser, userId } from '../../shell/user.js';
import { SAID } from './sentences.js';

/** Who is asking, and the form that changes it. */
export function UserName() {
  const changing = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);

  function done(): void {
    changing.value = false;
    requestAnimationFrame(() => button.current?.focus());
  }

  if (changing.value) return <NameForm onDone={done} />;
  return (
    <p class="user">
      {SAID.youAre} <b>{userId.value}</b>
      <button
        ref={button}
        type="button"
        class="button plain"
        aria-label={SAID.change}
        onClick={() => {
          changing.value = true;
        }}
      >
        {SAID.changeShort}
      </button>
    </p>
  );
}

function NameForm({ onDone }: { readonly onDone: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const problem = useSignal('');
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault();
        problem.value = chooseUser(field.current?.value ?? '') ?? '';
        if (problem.value === '') onDone();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onDone();
      }}
    >
      <label for="user-name">{SAID.name}</label>
      <input
        id="user-name"
        ref={field}
        defaultValue={userId.peek()}
        autocomplete="off"
        aria-describedby="user-name-hint user-name-problem"
        aria-invalid={problem.value !== ''}
      />
      <p id="user-name-hint" class="quiet">
        {SAID.nameHint}
      </p>
      <p id="user-name-problem" class="problem" role="alert">
        {problem.value}
      </p>
      <div class="choices">
        <button type="submit" class="button main">
          {SAID.save}
        </button>
        <button type="button" class="button plain" onClick={onDone}>
          {SAID.cancel}
        </button>
      </div>
    </form>
  );
}

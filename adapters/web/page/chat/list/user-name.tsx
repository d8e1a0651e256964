import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { afterRender } from '../../parts/after-render.js';
import { chooseUser, userId } from '../../state/user.js';
import { LineForm } from './line-form.js';
import { SAID } from './sentences.js';

/** Who is asking, and the form that changes it. */
export function UserName() {
  const changing = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);

  function done(): void {
    changing.value = false;
    afterRender(() => button.current?.focus());
  }

  if (changing.value) {
    const save = async (name: string) => chooseUser(name);
    return (
      <LineForm
        id="user-name"
        label={SAID.name}
        hint={SAID.nameHint}
        value={userId.peek()}
        save={save}
        onDone={done}
      />
    );
  }
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

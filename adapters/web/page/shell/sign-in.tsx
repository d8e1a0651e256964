import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { sentenceOf } from '../api/call-api.js';
import { session, signIn } from '../state/session.js';

const OVER = 'Your session is over: sign in again to go on. What you typed is still there.';

/** Shown in the place of every page while the API wants a key. */
export function SignIn() {
  const problem = useSignal('');
  const busy = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const key = String(new FormData(event.currentTarget).get('key') ?? '').trim();
    if (key === '') {
      problem.value = 'Enter the API key: it is what PARLEY_API_KEY is set to.';
      return;
    }
    busy.value = true;
    try {
      await signIn(key);
    } catch (error) {
      problem.value = sentenceOf(error);
    } finally {
      busy.value = false;
    }
  }

  const isOver = session.value === 'over';
  return (
    <form class="sign-in" onSubmit={submit}>
      <h1>Sign in</h1>
      <p class="quiet" role={isOver ? 'alert' : undefined}>
        {isOver ? OVER : 'This Parley asks for its API key. You stay signed in for seven days.'}
      </p>
      <label for="key">API key</label>
      <input
        id="key"
        name="key"
        ref={field}
        type="password"
        autocomplete="current-password"
        aria-describedby="key-problem"
        aria-invalid={problem.value !== ''}
      />
      <p id="key-problem" class="problem" role="alert">
        {problem.value}
      </p>
      <button type="submit" class="button main" disabled={busy.value}>
        Sign in
      </button>
    </form>
  );
}

import { useSignal } from '@preact/signals';
import { sentenceOf } from '../api/call-api.js';
import { closeDialog, Dialog } from './dialog.js';
import { isFocusLost } from './is-focus-lost.js';

/** What is asked before something that nobody can take back. */
export interface Question {
  readonly title: string;
  readonly more: string;
  /** On the button that does it. */
  readonly action: string;
  /** @throws {ApiError} with the sentence to show */
  readonly run: () => Promise<void>;
}

interface ConfirmDialogProps {
  readonly question: Question;
  readonly onClose: () => void;
}

export function ConfirmDialog({ question, onClose }: ConfirmDialogProps) {
  const problem = useSignal('');
  const busy = useSignal(false);

  async function run(button: Element): Promise<void> {
    busy.value = true;
    problem.value = '';
    try {
      await question.run();
      closeDialog({ currentTarget: button });
    } catch (error) {
      problem.value = sentenceOf(error);
    } finally {
      busy.value = false;
    }
  }

  function closed(): void {
    onClose();
    // What opened the dialog may be gone by what was done in it.
    if (isFocusLost()) document.querySelector<HTMLElement>('#content')?.focus();
  }

  return (
    <Dialog label={question.title} kind="box" onClose={closed}>
      <h2>{question.title}</h2>
      <p class="quiet">{question.more}</p>
      <p class="problem" role="alert">
        {problem.value}
      </p>
      <div class="choices">
        <button type="button" class="button" onClick={closeDialog}>
          Cancel
        </button>
        <button
          type="button"
          class="button danger"
          disabled={busy.value}
          onClick={({ currentTarget }) => void run(currentTarget)}
        >
          {question.action}
        </button>
      </div>
    </Dialog>
  );
}

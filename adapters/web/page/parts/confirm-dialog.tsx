import type { ComponentChildren } from 'preact';
import { Dialog } from './dialog.js';
import { useSubmission } from './use-submission.js';

interface ConfirmDialogProps {
  /** A question. */
  readonly title: string;
  /** What will be different, and whether it can be undone. */
  readonly children: ComponentChildren;
  /** A verb, on the button. */
  readonly action: string;
  /** Closes the dialog once it is done; what it throws is said there. */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ title, children, action, onConfirm, onClose }: ConfirmDialogProps) {
  const submission = useSubmission();
  return (
    <Dialog title={title} onClose={onClose}>
      {(close) => (
        <form
          onSubmit={async (event) => {
            event.preventDefault();
            if (await submission.run(onConfirm)) close();
          }}
        >
          {children}
          <p class="problem" role="alert">
            {submission.problem}
          </p>
          <div class="choices">
            <button type="button" class="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" class="button danger" disabled={submission.busy}>
              {action}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

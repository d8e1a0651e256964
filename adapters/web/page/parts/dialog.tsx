import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  /** After it closed, by whatever means; take the dialog away then. */
  readonly onClose: () => void;
  /** @param close - gives the focus back to where it was, then calls `onClose` */
  readonly children: (close: () => void) => ComponentChildren;
}

/** A modal dialog: Escape closes it, and nothing behind it can be reached. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onClose={() => {
        onClose();
        // What opened it may be gone by what was done in it.
        requestAnimationFrame(() => {
          if (document.activeElement === document.body)
            document.querySelector<HTMLElement>('#content')?.focus();
        });
      }}
    >
      <h2 id={id}>{title}</h2>
      {children(() => dialog.current?.close())}
    </dialog>
  );
}

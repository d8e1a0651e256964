import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import './dialog.css';

interface DialogProps {
  /** What a screen reader calls it. */
  readonly label: string;
  /** `box` stands in the middle, `drawer` along the left edge, `right drawer` along the right one. */
  readonly kind: 'box' | 'drawer' | 'right drawer';
  /** It was closed, by whatever means: show it no more. */
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/**
 * A modal dialog, open while it is rendered. Escape and a press beside it close it, and the focus goes back to where it
 * was: all of it the browser's own doing. A button within closes it with `closeDialog`.
 */
export function Dialog({ label, kind, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} class={`dialog ${kind}`} aria-label={label} closedBy="any" onClose={onClose}>
      {children}
    </dialog>
  );
}

/** For the `onClick` of a button within a dialog. */
export function closeDialog(event: { readonly currentTarget: Element }): void {
  event.currentTarget.closest('dialog')?.close();
}

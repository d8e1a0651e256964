import { cutText } from '../../domain/text/cut-text.js';
import type { PartDraft } from '../../ports/delivery/delivery.js';
import { splitReply } from './split-reply.js';

/** How a reply should look right now. */
export type ReplyView =
  | { readonly type: 'nothing' }
  /** No text of the model yet; `notice` says what is going on. */
  | { readonly type: 'placeholder'; readonly notice: string }
  | { readonly type: 'streaming'; readonly text: string }
  | {
      readonly type: 'final';
      readonly text: string;
      readonly footer?: string;
      readonly controls: PartDraft['controls'];
    };

/** Kept free in every part for the footer, in UTF-16 code units: which part is last is known only at the end. */
export const FOOTER_ROOM = 120;

export interface ReplyIdentity {
  readonly turnId: number;
  readonly revision: number;
}

/**
 * The platform messages of a view, first to last. Only the last carries footer and controls.
 *
 * @param partLimit - in UTF-16 code units, at least 200
 */
export function draftParts(identity: ReplyIdentity, view: ReplyView, partLimit: number): PartDraft[] {
  const part = (index: number, text: string): Omit<PartDraft, 'state' | 'controls'> => ({
    ...identity,
    index,
    text,
  });
  if (view.type === 'nothing') return [];
  if (view.type === 'placeholder')
    return [{ ...part(0, view.notice), state: 'placeholder', controls: 'stop' }];
  const texts = splitReply(view.text, partLimit - FOOTER_ROOM);
  const last = texts.length - 1;
  return texts.map((text, index): PartDraft => {
    if (index < last) return { ...part(index, text), state: 'final', controls: 'none' };
    if (view.type === 'streaming') return { ...part(index, text), state: 'streaming', controls: 'stop' };
    const footer = view.footer === undefined ? {} : { footer: cutText(view.footer, FOOTER_ROOM) };
    return { ...part(index, text), state: 'final', controls: view.controls, ...footer };
  });
}

/** Equal for drafts that look the same: such an edit would only burn the platform's limit. */
export function appearance(draft: PartDraft): string {
  return JSON.stringify([draft.text, draft.footer ?? '', draft.controls, draft.state === 'final']);
}

import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'busy' | 'bad' | 'off';

/** A state in a word or two, with a mark whose shape says as much as its colour. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`status ${tone}`}>{children}</span>;
}

import { memo } from 'preact/compat';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { advance, type Blocks, NO_BLOCKS } from './blocks.js';
import { dressCode } from './code-block.js';
import { dressFormula } from './formula.js';
import { renderBlock } from './render-block.js';
import { sanitize } from './sanitize.js';
import './markdown.css';

interface MarkdownViewProps {
  readonly text: string;
  /** No more is to come. */
  readonly complete: boolean;
}

/** A text in Markdown that may still grow: only its last block is rendered again when it does. */
export function MarkdownView({ text, complete }: MarkdownViewProps) {
  const blocks = useRef<Blocks>(NO_BLOCKS);
  blocks.current = advance(blocks.current, text);
  const { finished, tail } = blocks.current;
  return (
    <div class="markdown">
      {[...finished, tail].map(
        (raw, place) =>
          raw.trim() !== '' && <Block key={place} raw={raw} complete={complete || place < finished.length} />,
      )}
    </div>
  );
}

const Block = memo(function Block({ raw, complete }: { readonly raw: string; readonly complete: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!place.current) return;
    const content = sanitize(renderBlock(raw));
    for (const table of content.querySelectorAll<HTMLElement>('.table')) table.tabIndex = 0;
    if (complete) {
      for (const pre of content.querySelectorAll('pre')) dressCode(pre);
      for (const formula of content.querySelectorAll<HTMLElement>('.math')) void dressFormula(formula);
    }
    place.current.replaceChildren(content);
  }, [raw, complete]);
  return <div ref={place} />;
});

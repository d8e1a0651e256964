import { memo } from 'preact/compat';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { advance, type Blocks, NO_BLOCKS } from './blocks.js';
import { dressCode } from './code-block.js';
import { renderBlock } from './render-block.js';
import { sanitize, sanitizeMath } from './sanitize.js';
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

/** Shows a formula as MathML once the means have loaded; until then, and where it is none, as it was written. */
async function dressFormula(place: HTMLElement): Promise<void> {
  const { default: temml } = await import('temml');
  const displayMode = 'display' in place.dataset;
  const markup = temml.renderToString(place.textContent ?? '', {
    displayMode,
    throwOnError: false,
    trust: false,
  });
  // The page's policy lets no style within a document; formulas read well without.
  place.replaceChildren(sanitizeMath(markup.replaceAll(/ style="[^"]*"/g, '')));
}

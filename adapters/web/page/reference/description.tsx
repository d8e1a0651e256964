import { MarkdownView } from '../markdown/markdown-view.js';

/** A description of the document, which is Markdown. Most are one line with a bit of code, and there are hundreds. */
export function Description({ text }: { readonly text: string }) {
  if (text === '') return null;
  if (text.includes('\n')) return <MarkdownView text={text} complete />;
  return (
    <p>
      <CodedLine text={text} />
    </p>
  );
}

/** One line with bits of code in it. */
export function CodedLine({ text }: { readonly text: string }) {
  const pieces = text.split('`');
  // What stands between two marks has an odd place.
  return <>{pieces.map((piece, place) => (place % 2 === 1 ? <code key={place}>{piece}</code> : piece))}</>;
}

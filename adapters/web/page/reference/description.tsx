import { MarkdownView } from '../markdown/markdown-view.js';

/** A description of the document, which is Markdown. Most are one line with a bit of code, and there are hundreds. */
export function Description({ text }: { readonly text: string }) {
  if (text === '') return null;
  if (text.includes('\n')) return <MarkdownView text={text} complete />;
  const pieces = text.split('`');
  return (
    // What stands between two marks has an odd place.
    <p>{pieces.map((piece, place) => (place % 2 === 1 ? <code key={place}>{piece}</code> : piece))}</p>
  );
}

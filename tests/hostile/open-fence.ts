const FENCE = /^ {0,3}(`{3,16}(?!`)|~{3,16}(?!~))([^\n]*)$/;

/** Whether a code block that Markdown's fences open is still open at the end of `text`. */
export function openFence(text: string): boolean {
  let open: string | null = null;
  for (const line of text.split('\n')) {
    const [, mark, info = ''] = FENCE.exec(line) ?? [];
    if (mark === undefined) continue;
    if (open === null) {
      if (!(mark.startsWith('`') && info.includes('`'))) open = mark;
    } else if (mark[0] === open[0] && mark.length >= open.length && info.trim() === '') open = null;
  }
  return open !== null;
}

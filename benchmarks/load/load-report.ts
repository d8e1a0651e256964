const HEAD = `# Load

Written by \`npm run bench:load\`. What compares is a ratio within one run, alternated and repeated; the value is the
median. Absolute figures are those of the machine named, as busy as it is said to have been.`;

/**
 * Puts one section into a report, in place of what an earlier run wrote of it.
 *
 * @param titles - of all sections, in their order
 */
export function mergeSections(
  report: string,
  titles: readonly string[],
  title: string,
  text: string,
  head = HEAD,
): string {
  const known = new Map(
    report
      .split(/^## /m)
      .slice(1)
      .map((section) => {
        const end = section.indexOf('\n');
        return [section.slice(0, end), section.slice(end).trim()];
      }),
  );
  known.set(title, text);
  const sections = titles.flatMap((each) => {
    const body = known.get(each);
    return body === undefined ? [] : [`## ${each}\n\n${body}`];
  });
  return `${[head, ...sections].join('\n\n')}\n`;
}

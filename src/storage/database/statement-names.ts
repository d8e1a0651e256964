/** More statements than Parley has. Lists of many lengths make more: those beyond are planned each time. */
const MOST = 300;

/**
 * Names for statements by their text, so that each connection plans a statement once: on a server planning is more
 * than half of what recording a turn takes.
 *
 * @returns the name, or an empty one for a statement that is not to be kept
 */
export function statementNames(): (sql: string) => string {
  const names = new Map<string, string>();
  return (sql) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    if (names.size >= MOST) return '';
    const name = `s${names.size}`;
    names.set(sql, name);
    return name;
  };
}

/**
 * Turns that have not ended, as a process of Parley's tells on its metrics.
 *
 * @param port - where it serves HTTP
 * @returns null where it does not answer
 */
export async function unfinishedOf(port: number): Promise<number | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(5_000) });
    const lines = (await answer.text()).match(/^parley_turns_unfinished\{.*\} \d+$/gm);
    return lines?.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0) ?? null;
  } catch {
    return null;
  }
}

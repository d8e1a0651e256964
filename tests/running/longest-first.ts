import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes, then those with a browser. What is left for the end takes seconds. */
const LONGEST = [/crash-points-\w+\.test\.ts$/, /tests\/browser\//];

/** Begins with what takes longest: begun last, it would have the machine to itself while a core stands idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((pattern) => pattern.test(moduleId));
      return at === -1 ? LONGEST.length : at;
    };
    // Stable: within a rank Vitest's own order holds.
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

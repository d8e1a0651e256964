import { expect } from 'vitest';

interface Reported {
  readonly workers: readonly {
    readonly models: readonly { readonly alias: string; readonly uses: number }[];
  }[];
}

/** Returns once no worker tells of a use of `alias`: it does so for a moment after a reply, and refuses to unload it. */
export async function modelAtRest(url: string, alias: string): Promise<void> {
  const uses = async () => {
    const { workers } = (await (await fetch(`${url}/api/admin/models`)).json()) as Reported;
    const models = workers.flatMap((worker) => worker.models).filter((model) => model.alias === alias);
    return models.map((model) => model.uses);
  };
  await expect.poll(uses).toEqual([0]);
}

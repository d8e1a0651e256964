import { rm } from 'node:fs/promises';
import { describeModelProvider } from '../../../../contracts/models/model-provider.js';
import { openLocalModel, SCRIPTED_REPLY } from '../../../../doubles/gguf/local-provider.js';

describeModelProvider('llama-cpp', async () => {
  const { provider, folder } = await openLocalModel({
    contextSize: 512,
    slots: 2,
  });
  return {
    provider,
    model: 'scripted',
    answer: SCRIPTED_REPLY,
    missingModel: 'unknown',
    close: () => rm(folder, { recursive: true, force: true }),
  };
});

import { describe, expect, test } from 'vitest';
import { languageOf } from '../../../../src/domain/text/language.js';
import { systemPrompt } from '../../../../src/pipeline/context/system-prompt.js';
import { assistant } from '../../../../src/pipeline/personas/assistant.js';
import { medical } from '../../../../src/pipeline/personas/medical.js';

describe('shipped personas', () => {
  test.each([assistant, medical])('$name comes in English and Chinese', ({ system }) => {
    expect(languageOf(system.en)).toBe('en');
    expect(languageOf(system.zh)).toBe('zh');
  });

  test('medical states its limits, to the model and to the reader, in both languages', () => {
    expect(medical.system.en).toMatch(/never diagnose, never prescribe/);
    expect(medical.system.zh).toContain('不做诊断，不开处方');
    expect(medical.notice?.en).toContain('not medical advice');
    expect(medical.notice?.zh).toContain('不构成医疗建议');
  });

  test('give way to a prompt of a conversation’s own, which reads several people too', () => {
    expect(systemPrompt(assistant, 'zh', false, 'Answer in verse.')).toBe('Answer in verse.');
    expect(systemPrompt(assistant, 'en', true, 'Answer in verse.')).toMatch(
      /^Answer in verse\.\n\nSeveral people/,
    );
  });

  test('tell the model how to read a conversation of several people, and nothing of it in a single person’s', () => {
    expect(systemPrompt(assistant, 'en', true)).toContain('begins with the name of its author');
    expect(systemPrompt(assistant, 'zh', true)).toContain('以发言者的名字和冒号开头');
    expect(systemPrompt(assistant, 'en', false)).toBe(assistant.system.en);
  });
});

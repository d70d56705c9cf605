/** The shop's assistant: a language model behind its guards. */
import { SpanKind } from '@opentelemetry/api';

export function assistant({ isOn, random, work }) {
  return {
    '/chat': {
      answer: async ({ body, span }) => {
        const prompt = { prompt_id: body.prompt };
        await span('prompt.injection_check', { ...prompt, detected: false }, () => work(1, 3));
        await span(
          'llm.generate',
          { ...prompt, rag_enabled: true, model: 'example-1' },
          () => work(5, 25),
          SpanKind.CLIENT,
        );
        await span('rag.cite_sources', { ...prompt, source_count: 2 }, () => work(0, 2));
        const isShort = random() < 0.5;
        if (isOn('answer-without-moderation') && isShort) return { answer: 'Yes.' };
        await span('content.moderate', { ...prompt, flagged: false }, () => work(1, 4));
        await span('response.send', prompt, () => work(0, 2));
        return { answer: 'It ships on Monday.' };
      },
    },
  };
}

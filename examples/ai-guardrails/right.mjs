/** A chat service and an agent whose guards can be seen. */
import { SpanKind } from '@opentelemetry/api';
import { inSpan } from '../telemetry/telemetry.mjs';
import { doWork } from '../telemetry/work.mjs';

/** @param {import('@opentelemetry/api').Tracer} tracer */
export const chatSteps = (tracer) => ({
  request: (route, work) => inSpan(tracer, route, {}, work, { kind: SpanKind.SERVER }),

  /** Answers whether an injection was found. */
  checkPrompt: (prompt) =>
    inSpan(tracer, 'prompt.injection_check', { prompt_id: prompt.id }, async (span) => {
      await doWork();
      const detected = prompt.text.includes('ignore your instructions');
      span.setAttribute('detected', detected);
      return detected;
    }),

  citeSources: (prompt, sources) =>
    inSpan(tracer, 'rag.cite_sources', { prompt_id: prompt.id, source_count: sources.length }, doWork),

  generate: (prompt, rag = false) =>
    inSpan(tracer, 'llm.generate', { prompt_id: prompt.id, rag_enabled: rag, model: 'example-1' }, doWork, {
      kind: SpanKind.CLIENT,
    }),

  moderate: (prompt, flagged = false) =>
    inSpan(tracer, 'content.moderate', { prompt_id: prompt.id }, async (span) => {
      await doWork();
      span.setAttribute('flagged', flagged);
      return flagged;
    }),

  send: (prompt) => inSpan(tracer, 'response.send', { prompt_id: prompt.id }, doWork),

  approve: (action, approved = true) =>
    inSpan(tracer, 'human.approval', { action_id: action.id, approved }, doWork),

  act: (action) =>
    inSpan(tracer, 'agent.action', { action_id: action.id, destructive: action.destructive }, doWork),
});

export const answer = (tracer, prompt, { sources = null, flagged = false } = {}) => {
  const { request, checkPrompt, citeSources, generate, moderate, send } = chatSteps(tracer);
  return request('POST /chat', async () => {
    if (await checkPrompt(prompt)) return;
    await generate(prompt, sources !== null);
    if (sources !== null) await citeSources(prompt, sources);
    if (!(await moderate(prompt, flagged))) await send(prompt);
  });
};

/** The plan waits for a person, who answers in another program: the id of the action joins the two traces. */
export const runPlan = async (tracer, action) => {
  const { request, approve, act } = chatSteps(tracer);
  if (action.destructive) await request('POST /approvals', () => approve(action));
  await inSpan(tracer, 'run plan', {}, () => act(action));
};

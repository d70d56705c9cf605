/**
 * The instrumentation of the invariant-driven development guide, call for call in Node. Its spans are in traces of their own,
 * and nothing in them says which prompt they are about.
 */
export function generateAiResponse(tracer, prompt, rag = false) {
  const check = tracer.startSpan('prompt.injection_check');
  check.setAttribute('prompt_length', prompt.length);
  check.end();

  if (rag) {
    const retrieve = tracer.startSpan('rag.retrieve');
    retrieve.setAttribute('query', prompt);
    retrieve.end();

    const cite = tracer.startSpan('rag.cite_sources');
    cite.setAttribute('source_count', 2);
    cite.end();
  }

  const generate = tracer.startSpan('llm.generate');
  generate.setAttribute('model', 'example-1');
  generate.setAttribute('rag_enabled', rag);
  generate.end();

  const moderate = tracer.startSpan('content.moderate');
  moderate.setAttribute('response_length', 80);
  moderate.end();
}

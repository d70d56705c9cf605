/** Where in the bytes of export requests stands what must change when a payload is sent again as other traffic, later. */

const RESOURCE_SPANS = 1;
const SCOPE_SPANS = 2;
const SPANS = 2;
const TRACE_ID = 1;
const START_TIME = 7;
const END_TIME = 8;

/** Offsets of the trace ids of a request's spans. */
export function traceIdsIn(bytes) {
  return placesIn(bytes).ids;
}

/**
 * `ids`: of the trace ids. `times`: of the upper words of starts and ends, each unit 4.29 s. `keys`: of the six digits that tell carts, payment
 * intents and prompts of one payload from those of another.
 */
export function placesIn(bytes) {
  const places = { ids: [], times: [], keys: [] };
  each(0, bytes.length, RESOURCE_SPANS, (resourceFrom, resourceTo) => {
    each(resourceFrom, resourceTo, SCOPE_SPANS, (scopeFrom, scopeTo) => {
      each(scopeFrom, scopeTo, SPANS, (from, to) => {
        each(from, to, TRACE_ID, (at) => places.ids.push(at));
        for (const field of [START_TIME, END_TIME]) each(from, to, field, (at) => places.times.push(at + 4));
      });
    });
  });
  for (const { 0: text, index } of bytes.toString('latin1').matchAll(/(?:cart|pi|prompt)-\d+-[0-9a-f]{6}/g)) {
    places.keys.push(index + text.length - 6);
  }
  return places;

  function each(from, to, wanted, visit) {
    for (let at = from; at < to; ) {
      const [tag, behind] = varint(at);
      const wire = tag & 7;
      let begin = behind;
      if (wire === 0) at = varint(behind)[1];
      else if (wire === 1) at = behind + 8;
      else if (wire === 5) at = behind + 4;
      else {
        const [length, start] = varint(behind);
        begin = start;
        at = start + length;
      }
      if (tag >> 3 === wanted) visit(begin, at);
    }
  }

  function varint(start) {
    let value = 0;
    let factor = 1;
    for (let at = start; ; at++) {
      const byte = bytes[at];
      value += (byte & 127) * factor;
      if (byte < 128) return [value, at + 1];
      factor *= 128;
    }
  }
}

/** Trace ids in the bytes of export requests, so that a payload can be sent again as other traces. */

/** Where the trace ids of a request's spans stand: fields 1, 2, 2, 1 from the outside. */
export function traceIdsIn(bytes) {
  const found = [];
  walk(0, bytes.length, [1, 2, 2, 1]);
  return found;

  function walk(from, to, path) {
    const [wanted, ...rest] = path;
    let at = from;
    while (at < to) {
      const [tag, behind] = varint(at);
      at = behind;
      const wire = tag & 7;
      if (wire === 0) at = varint(at)[1];
      else if (wire === 1) at += 8;
      else if (wire === 5) at += 4;
      else {
        const [length, begin] = varint(at);
        at = begin + length;
        if (tag >> 3 !== wanted) continue;
        if (rest.length === 0) found.push(begin);
        else walk(begin, at, rest);
      }
    }
  }

  function varint(start) {
    let value = 0;
    let shift = 1;
    for (let at = start; ; at++) {
      const byte = bytes[at];
      value += (byte & 127) * shift;
      if (byte < 128) return [value, at + 1];
      shift *= 128;
    }
  }
}

// Server-sent events, read by fetch(), since an EventSource cannot send the Authorization header. A stream that breaks is
// asked for again with the last cursor it told, so that nothing is missed and nothing comes twice. Cursors come in
// heartbeats too, before the first event and while nothing happens that was asked for; clients that are libraries pass
// over those. Stopping ends the connection at once: a browser keeps six to a host, and no more.

const TRIES = 5;
const FIRST_WAIT = 1000; // milliseconds; doubled by each failure that follows another

/** What asking again would not change. */
export class RefusedError extends Error {}

/** The blocks of a stream as objects of their fields, those without data too. */
async function* blocks(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const complete = (text + value).split('\n\n');
    text = complete.pop();
    for (const block of complete) {
      yield Object.fromEntries(block.split('\n').map((line) => /^([^:]*):? ?(.*)$/.exec(line).slice(1)));
    }
  }
}

/** Asks; a request that is refused (4xx) would be refused again. */
async function ask(url, options, cursor) {
  const headers = { ...options.headers, ...(cursor && { 'Last-Event-ID': cursor }) };
  const response = await fetch(url, { ...options, headers });
  if (response.ok) return response.body;
  const message = `${response.status} ${response.statusText}: ${(await response.text()).slice(0, 500)}`;
  throw response.status < 500 ? new RefusedError(message) : new Error(message);
}

/**
 * Tells each block, until `told` answers true; five failures in a row are one too many. `options` need a `signal`.
 * `broken` is told of each failure that is tried again.
 */
export async function follow(url, options, told, broken = () => {}) {
  let cursor;
  for (let failures = 0; ; ) {
    try {
      for await (const block of blocks(await ask(url, options, cursor))) {
        if (told(block)) return;
        cursor = block.id ?? cursor;
        failures = 0;
      }
      throw new Error('The stream was cut.');
    } catch (error) {
      failures += 1;
      if (options.signal.aborted || error instanceof RefusedError || failures > TRIES) throw error;
      broken(error);
      await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT * 2 ** (failures - 1)));
    }
  }
}

// GraphQL over server-sent events, as what GraphiQL takes for an observable.

import { follow } from '../events/stream.js';

/** The responses of a subscription. */
export function responses(url, request, headers) {
  return {
    subscribe({ next, error, complete }) {
      const stopping = new AbortController();
      const { signal } = stopping;
      const asked = { ...headers, Accept: 'text/event-stream', 'Content-Type': 'application/json' };
      const options = { method: 'POST', headers: asked, body: JSON.stringify(request), credentials: 'omit', signal };
      const told = ({ event, data }) => {
        if (event === 'next') next(JSON.parse(data));
        return event === 'complete';
      };
      follow(url, options, told).then(complete, (failure) => signal.aborted || error(failure));
      return { unsubscribe: () => stopping.abort() };
    },
  };
}

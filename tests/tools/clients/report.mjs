// What a scenario is given, and how it tells what it saw: one JSON object on stdout, by the name of each part.
import WebSocket from 'ws';

export const URL = process.argv[2];
export const AFTER = process.argv[3];
export const KEY = process.env.TOKEN;
export const AUTHORIZATION = { authorization: `Bearer ${KEY}` };
export const SOCKET = { url: `${URL.replace('http', 'ws')}`, webSocketImpl: WebSocket, connectionParams: AUTHORIZATION, retryAttempts: 0 };

globalThis.WebSocket ??= WebSocket; // Apollo's link compares with the browser's, which Node has from 22 on

/** Run the parts in turn, tell, and end. */
export async function report(parts) {
  const seen = {};
  for (const [name, part] of Object.entries(parts)) seen[name] = await part();
  process.stdout.write(JSON.stringify(seen), () => process.exit(0));
}

/** The first `count` of what `subscribe({ next, error })` brings; it answers a function that ends it. */
export function first(count, subscribe) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const stop = subscribe({
      error: reject,
      next: (value) => {
        seen.push(value);
        if (seen.length === count) {
          resolve(seen);
          setTimeout(() => stop(), 0);
        }
      },
    });
  });
}

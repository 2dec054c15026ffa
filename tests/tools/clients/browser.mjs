// A page of the gateway's in Chromium, and what happens in the shop while somebody looks at it.
import { chromium } from 'playwright-core';
import { AUTHORIZATION, URL } from './report.mjs';

// Without these, Chromium looks up its maker's hosts at every start.
const QUIET = ['--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-gpu'];

/** A page, what ends its browser, and the errors that nobody caught. */
export async function opened() {
  const args = ['--no-sandbox', '--no-first-run', ...QUIET];
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints, close: () => browser.close() };
}

/** Change a product by REST; answers its id. */
export async function change(sku, fields) {
  const headers = { ...AUTHORIZATION, 'content-type': 'application/json' };
  const products = new globalThis.URL('/v2/products', URL);
  const { id } = await (await fetch(`${products}/${sku}`, { headers })).json();
  const answer = await fetch(`${products}/${id}`, { method: 'PUT', headers, body: JSON.stringify(fields) });
  if (answer.status !== 200) throw new Error(await answer.text());
  return id;
}

// The page at /events in Chromium, used as a person would.   usage: CHROMIUM=.. TOKEN=.. [SCREENSHOT=file.png] node events.mjs URL AFTER
import { change, opened } from './browser.mjs';
import { cableTo } from './cable.mjs';
import { URL, report } from './report.mjs';

const cable = await cableTo(new globalThis.URL(URL).port);
const { page, complaints, close } = await opened();

/** What the table shows, a list of cells a row. */
const rows = () => page.$$eval('tr.event', (all) => all.map((row) => [...row.cells].slice(1, 4).map((cell) => cell.textContent)));
const showing = (count) => page.waitForFunction((wanted) => document.querySelectorAll('tr.event').length === wanted, count);
const saying = (text) => page.waitForFunction((wanted) => document.getElementById('state').textContent.includes(wanted), text);

await report({
  async refused() {
    await page.goto(`http://127.0.0.1:${cable.port}/events`);
    await page.fill('[name=key]', 'live_nothing');
    await page.click('text=Follow');
    await saying('key');
    return page.textContent('#state');
  },
  async listed() {
    await page.fill('[name=key]', process.env.TOKEN);
    await page.click('text=Follow');
    await saying('Live.');
    return rows();
  },
  async live() {
    const id = await change('MUG-1', { price: 8.25 });
    await showing(4);
    const [first] = await rows();
    return { id, first };
  },
  async whole() {
    await page.locator('tr.event').first().click();
    return JSON.parse(await page.textContent('tr.whole pre')).data.object.price;
  },
  async cut() {
    cable.cut();
    await saying('reconnecting');
    await change('MUG-2', { name: 'Blue cup' });
    await cable.join();
    await showing(5);
    await saying('Live.');
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
    return (await rows())[0];
  },
  async filtered() {
    await page.check('[value="product.updated"]');
    await showing(2);
    await saying('Live.');
    await change('MUG-3', { name: 'Coral cup' });
    await showing(3);
    return (await rows()).map(([type]) => type);
  },
  complaints: () => complaints,
  end: close,
}).catch(async (error) => {
  console.error(complaints, await rows(), await page.textContent('#state'));
  await close();
  throw error;
});

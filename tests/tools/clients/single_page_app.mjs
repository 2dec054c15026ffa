// The application of docs/authentication.md, in Chromium: a user signs in, allows it, and sees orders.   usage: CHROMIUM=.. PAGE=url EMAIL=.. PASSWORD=.. node single_page_app.mjs URL
import { opened } from './browser.mjs';
import { report } from './report.mjs';

const { page, complaints, close } = await opened();
const listed = () => page.$$eval('#orders li', (all) => all.map((item) => item.textContent));

async function decide(text) {
  await page.click('#sign-in');
  await page.waitForURL('**/oauth/authorize**');
  await page.click(`button:has-text("${text}")`);
  await page.waitForURL(`${process.env.PAGE}**`);
}

await report({
  async signedIn() {
    await page.goto(process.env.PAGE);
    await page.click('#sign-in');
    await page.waitForURL('**/account/sign-in**');
    await page.fill('[name=email]', process.env.EMAIL);
    await page.fill('[name=password]', process.env.PASSWORD);
    await page.click('button:has-text("Sign in")');
    await page.waitForURL('**/oauth/authorize**');
    const asked = await page.textContent('main');
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
    await page.click('button:has-text("Allow")');
    await page.waitForURL(`${process.env.PAGE}**`);
    return asked;
  },
  async listed() {
    await page.waitForFunction(() => document.querySelectorAll('#orders li').length);
    return listed();
  },
  address: () => page.url(),
  async denied() {
    await decide('Refuse');
    await page.waitForFunction(() => document.getElementById('state').textContent);
    return { state: await page.textContent('#state'), listed: await listed() };
  },
  /** An answer that the page has not asked for. */
  async forged() {
    await page.goto(`${process.env.PAGE}?code=x&state=y&iss=https://evil.example`);
    await page.waitForFunction(() => document.getElementById('state').textContent);
    return page.textContent('#state');
  },
  complaints: () => [...complaints],
  end: close,
}).catch(async (error) => {
  console.error(complaints, page.url(), await page.textContent('body'));
  await close();
  throw error;
});

// What a newcomer sees after `cargo xtask demo`: the clinic's page, and the page that plays its CRM.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { clean } from './support/axe.mjs';
import { launch } from './support/browser.mjs';
import { Gateway } from './support/gateway.mjs';
import { root } from './support/tools.mjs';
import { Visitor, token } from './support/visitor.mjs';

let gateway;
let browser;
before(async () => {
  const text = readFileSync(`${root}demo/clinic.json`, 'utf8');
  const definitions = (url) => JSON.parse(text.replaceAll('http://127.0.0.1:8080', url));
  [gateway, browser] = await Promise.all([Gateway.start(definitions, ['--demo']), launch()]);
});
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
after(() => Promise.all([gateway?.stop(), browser?.close()]));

const clinic = (options) => Visitor.open(browser, `${gateway.url}/`, { pick: '#enquiry', options });

/** Fills the enquiry in and sends it. */
async function ask(visitor, mark) {
  await visitor.fill({ name: mark, phone: '138 1234 5678', question: 'Is Saturday possible?' });
  await visitor.submit();
  return visitor.thanked();
}

test('an enquiry typed on the clinic\'s page appears at the CRM, with its receipt', async () => {
  const visitor = await clinic();
  const mark = token();
  const receipt = await ask(visitor, mark);
  const crm = await Visitor.open(visitor.context, `${gateway.url}/demo/crm`);
  await crm.page.getByText(mark).first().waitFor();
  await crm.page.getByText(receipt).first().waitFor();
  assert.deepEqual([...visitor.faults, ...crm.faults], []);
});

test('the CRM fails: the attempts are seen, and it arrives once it works again', async () => {
  const visitor = await clinic();
  const crm = await Visitor.open(visitor.context, `${gateway.url}/demo/crm`);
  await crm.page.locator('[name=mode][value=fail]').check();
  const mark = token();
  await ask(visitor, mark);
  await crm.page.locator('.try', { hasText: '500' }).first().waitFor();
  await crm.page.locator('[name=mode][value=accept]').check();
  await crm.page.getByText(mark).first().waitFor();
});

test('the call-back popup and the pre-registration are usable too', async () => {
  const visitor = await clinic({ locale: 'en-GB' });
  visitor.pick = '#callback';
  await visitor.page.locator('#callback a').click();
  await visitor.fill({ name: token(), phone: '021 6123 4567' });
  await visitor.submit();
  await visitor.thanked();
  await visitor.call('close');
  visitor.pick = '#registration';
  await visitor.page.locator('#registration').scrollIntoViewIfNeeded();
  await visitor.field('name').fill('Mia');
  await visitor.button('next').click();
  await visitor.find('[data-error]:visible').first().waitFor();
});

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 390, height: 844 }, { width: 1280, height: 900 }]) {
    test(`axe finds nothing on the demo's pages, ${colorScheme}, ${viewport.width} px wide; nothing scrolls sideways`, async () => {
      for (const path of ['/', '/?lang=en', '/demo/crm']) {
        const visitor = await Visitor.open(browser, gateway.url + path, { options: { colorScheme, viewport } });
        await visitor.page.waitForTimeout(500);
        await clean(visitor, path);
        assert.ok((await visitor.page.evaluate(() => document.scrollingElement.scrollWidth)) <= viewport.width, path);
        await visitor.close();
      }
    });
  }
}

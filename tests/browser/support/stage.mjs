// Everything between a visitor and a CRM, set up once for a file of tests.
import assert from 'node:assert/strict';
import { Crm } from './crm.mjs';
import { Gateway } from './gateway.mjs';
import { Host, embedding } from './host.mjs';
import { Proxy } from './proxy.mjs';
import { site } from './site.mjs';
import { until } from './wait.mjs';

export class Stage {
  static async start(args = []) {
    const stage = new this();
    stage.crm = await Crm.start();
    stage.host = await Host.start();
    stage.definitions = () => structuredClone(site({ origins: [stage.host.origin], crm: stage.crm.url }));
    stage.gateway = await Gateway.start(stage.definitions(), args);
    stage.proxy = await Proxy.start(stage.gateway.url);
    return stage;
  }

  /** The address of a new host page with `body`; gateway calls of the page go through the proxy. */
  page(body = '<crm-contact form="enquiry"></crm-contact>', { csp, headers, path, ...options } = {}) {
    return this.host.page(embedding(this.proxy.url, body, options), { csp, headers, path });
  }

  /** Waits until what contains `mark` is at the CRM, once, and returns its data. */
  async arrived(mark) {
    const effects = await until(`${mark} at the CRM`, () => {
      const all = this.crm.effects(mark);
      return all.length > 0 && all;
    });
    assert.equal(effects.length, 1);
    return effects[0].data;
  }

  /** Changes the site's definition, until the test is over. */
  async apply(change) {
    const definitions = this.definitions();
    const [site] = definitions.sites;
    change(site);
    site.forms[0].version += 1;
    this.changed = true;
    await this.#load(definitions);
  }

  /** Undoes what a test has left behind. */
  async tidy(browser) {
    if (this.changed) await this.#load(this.definitions());
    this.changed = false;
    this.proxy.calm();
    this.crm.mode = 'ok';
    await Promise.all(browser.contexts().map((context) => context.close()));
  }

  /** Applies definitions, and waits until the gateway has noticed. */
  async #load(definitions) {
    const [{ key, forms: [{ id, version }] }] = definitions.sites;
    await this.gateway.apply(definitions);
    const served = async () => (await fetch(`${this.gateway.url}/v1/sites/${key}/forms/${id}`)).json();
    await until('the gateway to know', async () => (await served()).form.version === version);
  }

  async stop() {
    this.proxy.stop();
    await this.gateway.stop();
    this.host.stop();
    this.crm.stop();
  }
}

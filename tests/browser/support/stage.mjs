// Everything between a visitor and a CRM, set up once for a file of tests.
import { Crm } from './crm.mjs';
import { Gateway } from './gateway.mjs';
import { Host, embedding } from './host.mjs';
import { Proxy } from './proxy.mjs';
import { site } from './site.mjs';

export class Stage {
  static async start(args = []) {
    const stage = new Stage();
    stage.crm = await Crm.start();
    stage.host = await Host.start();
    stage.gateway = await Gateway.start(site({ origins: [stage.host.origin], crm: stage.crm.url }), args);
    stage.proxy = await Proxy.start(stage.gateway.url);
    return stage;
  }

  /** The address of a new host page with `body`; gateway calls of the page go through the proxy. */
  page(body = '<crm-contact form="enquiry"></crm-contact>', { csp, headers, path, ...options } = {}) {
    return this.host.page(embedding(this.proxy.url, body, options), { csp, headers, path });
  }

  /** Undoes what a test that failed has left behind. */
  async tidy(browser) {
    this.proxy.calm();
    this.crm.mode = 'ok';
    await Promise.all(browser.contexts().map((context) => context.close()));
  }

  async stop() {
    this.proxy.stop();
    await this.gateway.stop();
    this.host.stop();
    this.crm.stop();
  }
}

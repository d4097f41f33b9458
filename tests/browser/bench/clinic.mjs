// The gateway with the demo's forms, for pages of one more origin; nothing is delivered.
import { readFileSync } from 'node:fs';
import { Gateway } from '../support/gateway.mjs';
import { root } from '../support/tools.mjs';

export function startGateway(origin) {
  const definitions = JSON.parse(readFileSync(`${root}demo/clinic.json`, 'utf8'));
  const [clinic] = definitions.sites;
  return Gateway.start({ sites: [{ ...clinic, origins: [origin], connections: [] }] });
}

/** A website's page around a form. */
export const page = (head, body) => `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>康宁诊所</title>
${head}
</head>
<body>
<main>
<h1>康宁诊所</h1>
<p>我们离地铁站步行五分钟。周一至周六接诊，也可以在线咨询。</p>
${body}
</main>
</body>
</html>`;

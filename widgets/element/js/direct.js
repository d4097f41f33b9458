/** Pages without a gateway: the form's definition stands in the page itself. */

/* global __TEXTS__ -- written in by the build: language → [file, integrity] */
const TEXTS = __TEXTS__;

/** Our own texts in the nearest language there is; elsewhere they come with the view. */
const loadTexts = async (lang) => {
  const chinese = /hant|tw|hk|mo/i.test(lang) ? 'zh-TW' : 'zh-CN';
  const [file, integrity] = TEXTS[/^zh/i.test(lang) ? chinese : lang.split('-')[0]] ?? TEXTS.en;
  const response = await fetch(new URL(file, import.meta.url), { integrity });
  return response.json();
};

/**
 * A view that is not rendered yet. Its definition is the element's own child,
 * `<script type="application/json">{"form": {…}, "mapping": {…}}</script>`.
 */
export const directView = async (host, lang) => {
  const { form, mapping } = JSON.parse(host.querySelector('script[type="application/json"]').textContent);
  const base = document.createElement('div');
  base.part = 'base';
  return { base, mapping, view: { site: '', form, lang, texts: await loadTexts(lang), challenge: false } };
};

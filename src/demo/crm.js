// The page that plays the CRM. Asks for the state once a second and shows it; everything is set as text, never as HTML.

// In English and in Chinese.
const TEXTS = {
  title: ["Demo CRM", "演示 CRM"],
  subtitle: ["This page plays the CRM that receives what visitors send.", "此页面扮演接收访客提交内容的 CRM。"],
  site: ["Clinic’s page", "诊所网页"],
  modes: ["How should this CRM answer?", "这个 CRM 应该如何响应？"],
  accept: ["Accept", "接收"],
  acceptHint: ["200, all is well", "200，一切正常"],
  fail: ["Fail", "故障"],
  failHint: ["500, it is broken", "500，服务出错"],
  busy: ["Busy", "繁忙"],
  busyHint: ["429, later please", "429，请稍后"],
  hang: ["Hang", "无响应"],
  hangHint: ["no answer at all", "一直不回复"],
  gateway: ["The gateway’s view", "网关的视角"],
  waiting: ["waiting", "等待中"],
  arrived: ["arrived", "已送达"],
  exhausted: ["given up", "已放弃"],
  calm: ["Nothing waits: everything that was sent is here.", "没有等待的内容：所有提交都已送达。"],
  stream: ["What arrived", "收到的内容"],
  emptyTitle: ["No submissions yet", "还没有提交"],
  emptyText: ["Fill in a form on the clinic’s page and watch it arrive here within a second.", "在诊所网页上填写一份表单，一秒之内就会出现在这里。"],
  emptyLink: ["Open the clinic’s page", "打开诊所网页"],
  lost: ["The gateway does not answer. Trying again…", "网关没有响应，正在重试…"],
  refused: ["Not accepted yet", "尚未接收"],
  why: ["The gateway keeps it, synced to disk, and tries again under the same webhook-id.", "网关已将它写入磁盘保存，并用同一个 webhook-id 继续重试。"],
  unsigned: ["signature not valid", "签名无效"],
  soon: ["due now", "即将发送"],
  sending: ["being sent", "发送中"],
  over: ["given up: replay it", "已放弃，可重放"],
  next: [(seconds) => `next try in ${seconds} s`, (seconds) => `${seconds} 秒后重试`],
  attempts: ["Attempts and their answers", "尝试次数与响应"],
  attempt: [(number, answer) => `${number} · ${answer}`, (number, answer) => `${number} · ${answer}`],
  pauses: ["pauses until", "已暂停至"],
  stays: ["pauses until someone resumes it", "已暂停，等待手动恢复"],
  resume: ["Resume", "恢复"],
  hanging: ["hangs", "无响应"],
  cut: ["no answer", "未回复"],
  yes: ["yes", "是"],
  network: ["no connection", "无法连接"],
};

const wanted = new URLSearchParams(location.search).get("lang") ?? navigator.language;
let lang = /^zh/i.test(wanted) ? "zh-CN" : "en";
let state = null;
let offset = 0;
const shown = new Map();
const get = (id) => document.getElementById(id);
const text = (key) => TEXTS[key]?.[lang === "en" ? 0 : 1];

function node(tag, classes, content, children = []) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  if (content) made.textContent = content;
  made.append(...children);
  return made;
}

function translate() {
  document.documentElement.lang = lang;
  document.title = text("title");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  const other = lang === "en" ? "zh-CN" : "en";
  get("lang").lang = other;
  get("lang").textContent = other === "en" ? "English" : "中文";
  shown.clear();
  if (state) show();
}

const time = (at) => new Date(at).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

function chip(number, { answer, open, good }) {
  const words = { hang: open ? text("hanging") : text("cut") };
  return node("li", `try${good ? " good" : ""}${open ? " open" : ""}`, text("attempt")(number, words[answer] ?? answer));
}

// The last six: with more, the numbers say so.
function tries(attempts) {
  const chips = attempts.map((attempt, index) => chip(index + 1, attempt));
  const list = node("ol", "tries", "", chips.slice(-6));
  list.ariaLabel = list.title = text("attempts");
  return list;
}

function value(answer) {
  if (answer === true) return text("yes");
  if (Array.isArray(answer)) return answer.join(", ");
  if (answer && typeof answer === "object") {
    return Object.entries(answer).map(([row, choice]) => `${row}: ${choice}`).join("\n");
  }
  return String(answer);
}

function card(record) {
  const name = record.fields.find((field) => field.type === "text");
  const title = record.accepted ? (name ? value(name.answer) : record.receipt) : text("refused");
  const head = node("div", "head", "", [
    node("h3", "", title), node("span", "tag", record.form), node("span", "tag plain code", record.receipt),
  ]);
  if (record.signed === false) head.append(node("span", "try", text("unsigned")));
  head.append(node("time", "", time(record.at)));
  const made = node("li", `card${record.accepted ? "" : " refused"}`, "", [head]);
  if (record.accepted) {
    const rows = record.fields.filter((field) => field !== name).flatMap((field) => [
      node("dt", "", field.label || field.name), node("dd", "", value(field.answer)),
    ]);
    if (rows.length) made.append(node("dl", "fields", "", rows));
  } else {
    made.append(node("p", "why", text("why")));
  }
  made.append(tries(record.attempts));
  return made;
}

function showCards() {
  const list = get("cards");
  const arrivedBefore = list.dataset.shown === "yes";
  list.dataset.shown = "yes";
  get("empty").hidden = state.records.length > 0;
  const wantedIds = new Set(state.records.map((record) => record.id));
  for (const element of [...list.children]) if (!wantedIds.has(element.dataset.id)) element.remove();
  state.records.forEach((record, index) => {
    const version = JSON.stringify(record);
    const before = [...list.children].find((element) => element.dataset.id === record.id);
    let element = before;
    if (!before || shown.get(record.id) !== version) {
      element = card(record);
      element.dataset.id = record.id;
      if (!before && arrivedBefore) element.classList.add("new");
      before?.replaceWith(element);
      shown.set(record.id, version);
    }
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
}

function waitingRow(delivery) {
  const seen = state.records.find((record) => record.id === delivery.id);
  const sending = (seen?.attempts.length ?? 0) > delivery.attempts.length;
  const left = delivery.dueAt - (Date.now() + offset);
  const exhausted = delivery.state === "exhausted";
  const words = exhausted ? text("over") : sending ? text("sending")
    : left <= 0 ? text("soon") : text("next")(Math.ceil(left / 1000));
  const bar = node("i");
  const last = delivery.attempts.at(-1);
  const whole = last ? delivery.dueAt - (last.at + last.ms) : 0;
  bar.style.transform = `scaleX(${whole > 0 && !sending ? Math.min(1, Math.max(0, left / whole)) : 0})`;
  const chips = delivery.attempts.map(({ status, outcome }) => ({
    answer: status ?? (outcome === "timeout" ? "hang" : text(outcome) ?? outcome), good: status >= 200 && status < 300,
  }));
  if (sending) chips.push({ answer: "…", open: true });
  return node("li", "", "", [
    node("div", "row", "", [
      node("span", "code", seen?.receipt ?? `${delivery.id.slice(0, 4)}…${delivery.id.slice(-6)}`),
      node("span", exhausted ? "when over" : "when", words),
    ]),
    ...(exhausted ? [] : [node("div", "bar", "", [bar])]),
    tries(chips),
  ]);
}

async function send(path, body) {
  const headers = { "content-type": "application/json" };
  await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => {});
  await refresh();
}

function pausedRow({ site, connection, reason, until }) {
  const resume = node("button", "resume", text("resume"));
  resume.type = "button";
  resume.addEventListener("click", () => send("/demo/crm/resume", { site, connection }));
  const words = until ? `${text("pauses")} ${time(until)}` : text("stays");
  const title = node("b", "", `${site}/${connection} ${words}`);
  return node("li", "", "", [node("div", "", "", [title, node("small", "", reason)]), resume]);
}

// Made anew only when something changed, so that the button keeps the focus and the text is read out once.
function showPaused({ paused }) {
  const version = JSON.stringify(paused);
  if (shown.get("paused") === version) return;
  shown.set("paused", version);
  get("paused").replaceChildren(...paused.map(pausedRow));
}

function showGateway() {
  const { waiting, exhausted, deliveries } = state.gateway;
  showPaused(state.gateway);
  get("waiting").textContent = waiting;
  get("exhausted").textContent = exhausted;
  get("arrived").textContent = state.arrived;
  get("queue").replaceChildren(...deliveries.map(waitingRow));
  get("calm").hidden = deliveries.length > 0;
}

function show() {
  for (const input of document.querySelectorAll("[name=mode]")) input.checked = input.value === state.mode;
  showCards();
  showGateway();
}

async function refresh() {
  try {
    const answer = await fetch("/demo/crm/state");
    if (!answer.ok) throw new Error(String(answer.status));
    state = await answer.json();
    offset = state.now - Date.now();
    get("lost").hidden = true;
    show();
  } catch {
    get("lost").hidden = false;
  }
}

async function follow() {
  await refresh();
  setTimeout(follow, document.hidden ? 5000 : 1000);
}

document.querySelector(".modes").addEventListener("change", (event) => send("/demo/crm/mode", { mode: event.target.value }));
get("lang").addEventListener("click", () => {
  lang = lang === "en" ? "zh-CN" : "en";
  translate();
});
translate();
follow();

// The clinic's own script: the language switch, and departments that fill in the enquiry.

const TEXTS = {
  'zh-TW': {
    title: '康寧診所 · 讓您放心的社區醫療', skip: '跳到正文', name: '康寧診所', nav: '主選單', language: '語言',
    'nav-departments': '科別', 'nav-doctors': '醫師', 'nav-visit': '就診登記', 'nav-contact': '聯絡我們',
    eyebrow: '社區裡的綜合診所 · 自 1998 年', headline: '把健康，交給熟悉您的醫師',
    lead: '六個科別、同一份病歷、一位持續追蹤的醫師。看診之前先問清楚，看診之後有人關心。',
    ask: '線上諮詢', call: '請回電給我', 'fact-doctors': '位醫師', 'fact-wait': '分鐘平均候診', 'fact-open': '天全年看診',
    departments: '六個科別，一份病歷', 'departments-lead': '點一下科別，下面的諮詢表會替您選好。',
    internal: '內科', 'internal-text': '高血壓、糖尿病、常見疾病與年度健檢', dental: '牙科', 'dental-text': '洗牙、補牙、矯正與植牙',
    paediatrics: '小兒科', 'paediatrics-text': '生長發育、疫苗與兒童常見疾病', eye: '眼科', 'eye-text': '驗光、乾眼與白內障評估',
    rehabilitation: '復健科', 'rehabilitation-text': '術後復健、頸肩腰腿疼痛', tcm: '中醫科', 'tcm-text': '針灸、推拿與體質調理',
    doctors: '您會見到的醫師', 'doctor-1': '林靜儀', 'doctor-1-text': '內科主任醫師 · 週一至週四',
    'doctor-2': '周明遠', 'doctor-2-text': '牙科副主任醫師 · 週二至週六', 'doctor-3': '陳思穎', 'doctor-3-text': '小兒科主治醫師 · 每天上午',
    'doctor-4': '吳承恩', 'doctor-4-text': '中醫科主任醫師 · 週三、週五',
    contact: '有疑問，先問一問', 'contact-lead': '不確定掛哪一科？藥該不該停？寫下來，由導診護理師回覆，不收費用。',
    hours: '門診時間', weekdays: '週一至週五', saturday: '週六', sunday: '週日與假日', 'address-title': '地址',
    address: '示例市和平路 18 號，捷運 2 號線和平路站 C 出口', phone: '電話', 'open-enquiry': '開啟諮詢表',
    visit: '第一次來？三分鐘登記好', 'visit-lead': '在家填好，到院出示編號即可就診。填寫的內容只交給診所，不經過任何第三方。',
    'step-1': '填寫身分資料，居民身分證或護照皆可', 'step-2': '說說哪裡不舒服，可附上先前的檢查報告', 'step-3': '留下聯絡方式，收到登記編號',
    'open-registration': '開啟登記表', invented: '康寧診所是虛構的：本頁用來展示 CRM widgets。',
    'to-crm': '看看 CRM 收到了什麼', 'to-hosted': '諮詢表的獨立頁面',
  },
  en: {
    title: 'Kangning Clinic · care you can trust, close to home', skip: 'Skip to content', name: 'Kangning Clinic', nav: 'Main', language: 'Language',
    'nav-departments': 'Departments', 'nav-doctors': 'Doctors', 'nav-visit': 'Registration', 'nav-contact': 'Contact',
    eyebrow: 'Your neighbourhood clinic since 1998', headline: 'Your health, with a doctor who knows you',
    lead: 'Six departments, one record, one doctor who stays with you. Ask before you come, and hear from us after you left.',
    ask: 'Ask a question', call: 'Call me back', 'fact-doctors': 'doctors', 'fact-wait': 'minutes’ wait on average', 'fact-open': 'days open a year',
    departments: 'Six departments, one record', 'departments-lead': 'Choose one, and the form below has it filled in.',
    internal: 'Internal medicine', 'internal-text': 'Blood pressure, diabetes, everyday illness, check-ups', dental: 'Dentistry', 'dental-text': 'Cleaning, fillings, braces and implants',
    paediatrics: 'Paediatrics', 'paediatrics-text': 'Growth, vaccination, childhood illness', eye: 'Eye care', 'eye-text': 'Eye tests, dry eyes, cataract assessment',
    rehabilitation: 'Rehabilitation', 'rehabilitation-text': 'After surgery; neck, shoulder and back pain', tcm: 'Chinese medicine', 'tcm-text': 'Acupuncture, tuina and regulation',
    doctors: 'The doctors you will meet', 'doctor-1': 'Dr Lin Jingyi', 'doctor-1-text': 'Internal medicine · Monday to Thursday',
    'doctor-2': 'Dr Zhou Mingyuan', 'doctor-2-text': 'Dentistry · Tuesday to Saturday', 'doctor-3': 'Dr Chen Siying', 'doctor-3-text': 'Paediatrics · every morning',
    'doctor-4': 'Dr Wu Chengen', 'doctor-4-text': 'Chinese medicine · Wednesday, Friday',
    contact: 'Not sure? Just ask', 'contact-lead': 'Which department? Go on with the tablets? Write to us; a nurse answers, free of charge.',
    hours: 'Opening hours', weekdays: 'Monday to Friday', saturday: 'Saturday', sunday: 'Sundays and holidays', 'address-title': 'Address',
    address: '18 Heping Road, Example City · Metro line 2, Heping Road, exit C', phone: 'Telephone', 'open-enquiry': 'Open the form',
    visit: 'First visit? Register in three minutes', 'visit-lead': 'Fill it in at home and show your code at the desk. What you write goes to the clinic, and to nobody else.',
    'step-1': 'Who you are: resident ID or passport', 'step-2': 'What troubles you, with earlier reports if you have some', 'step-3': 'How to reach you; then you get your code',
    'open-registration': 'Open the form', invented: 'Kangning Clinic is invented: this page shows what CRM widgets do.',
    'to-crm': 'See what the CRM received', 'to-hosted': 'The form on a page of its own',
  },
};

// Simplified Chinese is what the page is written in.
const written = (attribute, read) =>
  [...document.querySelectorAll(`[data-${attribute}]`)].map((element) => [element.dataset[attribute], read(element)]);
TEXTS['zh-CN'] = { nav: '主导航', language: '语言', ...Object.fromEntries(written('t', (element) => element.textContent)) };

const nearest = (tag) => {
  if (!/^zh/i.test(tag)) return 'en';
  return /hant|tw|hk|mo/i.test(tag) ? 'zh-TW' : 'zh-CN';
};

function speak(lang) {
  document.documentElement.lang = lang;
  const texts = TEXTS[lang];
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = texts[element.dataset.t];
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute(element.localName.startsWith('crm-') ? 'label' : 'aria-label', texts[element.dataset.label]);
  }
  for (const button of document.querySelectorAll('[data-lang]')) button.ariaPressed = String(button.dataset.lang === lang);
  for (const element of document.querySelectorAll('crm-contact')) element.lang = lang;
}

const asked = new URLSearchParams(location.search).get('lang');
speak(nearest(asked ?? navigator.language));

for (const button of document.querySelectorAll('[data-lang]')) {
  button.addEventListener('click', () => speak(button.dataset.lang));
}

for (const link of document.querySelectorAll('[data-department]')) {
  link.addEventListener('click', () => {
    document.querySelector('#enquiry').setFields({ department: link.dataset.department });
  });
}

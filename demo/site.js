// The clinic's own script: the language switch, and departments that fill in the enquiry.

// In Traditional Chinese and in English; Simplified Chinese is what the page is written in.
const TEXTS = {
  title: ['康寧診所 · 讓您放心的社區醫療', 'Kangning Clinic · care you can trust, close to home'],
  skip: ['跳到正文', 'Skip to content'],
  name: ['康寧診所', 'Kangning Clinic'],
  nav: ['主選單', 'Main'],
  language: ['語言', 'Language'],
  'nav-departments': ['科別', 'Departments'],
  'nav-doctors': ['醫師', 'Doctors'],
  'nav-visit': ['就診登記', 'Registration'],
  'nav-booking': ['預約掛號', 'Book'],
  'nav-contact': ['聯絡我們', 'Contact'],
  eyebrow: ['社區裡的綜合診所 · 自 1998 年', 'Your neighbourhood clinic since 1998'],
  headline: ['把健康，交給熟悉您的醫師', 'Your health, with a doctor who knows you'],
  lead: ['六個科別、同一份病歷、一位持續追蹤的醫師。看診之前先問清楚，看診之後有人關心。', 'Six departments, one record, one doctor who stays with you. Ask before you come, and hear from us after you left.'],
  ask: ['線上諮詢', 'Ask a question'],
  call: ['請回電給我', 'Call me back'],
  'fact-doctors': ['位醫師', 'doctors'],
  'fact-wait': ['分鐘平均候診', 'minutes’ wait on average'],
  'fact-open': ['天全年看診', 'days open a year'],
  departments: ['六個科別，一份病歷', 'Six departments, one record'],
  'departments-lead': ['點一下科別，下面的諮詢表會替您選好。', 'Choose one, and the form below has it filled in.'],
  internal: ['內科', 'Internal medicine'],
  'internal-text': ['高血壓、糖尿病、常見疾病與年度健檢', 'Blood pressure, diabetes, everyday illness, check-ups'],
  dental: ['牙科', 'Dentistry'],
  'dental-text': ['洗牙、補牙、矯正與植牙', 'Cleaning, fillings, braces and implants'],
  paediatrics: ['小兒科', 'Paediatrics'],
  'paediatrics-text': ['生長發育、疫苗與兒童常見疾病', 'Growth, vaccination, childhood illness'],
  eye: ['眼科', 'Eye care'],
  'eye-text': ['驗光、乾眼與白內障評估', 'Eye tests, dry eyes, cataract assessment'],
  rehabilitation: ['復健科', 'Rehabilitation'],
  'rehabilitation-text': ['術後復健、頸肩腰腿疼痛', 'After surgery; neck, shoulder and back pain'],
  tcm: ['中醫科', 'Chinese medicine'],
  'tcm-text': ['針灸、推拿與體質調理', 'Acupuncture, tuina and regulation'],
  doctors: ['您會見到的醫師', 'The doctors you will meet'],
  'doctor-1': ['林靜儀', 'Dr Lin Jingyi'],
  'doctor-1-text': ['內科主任醫師 · 週一至週四', 'Internal medicine · Monday to Thursday'],
  'doctor-2': ['李靜', 'Dr Li Jing'],
  'doctor-2-text': ['牙科主任醫師 · 週一、週三、週五', 'Dentistry · Monday, Wednesday, Friday'],
  'doctor-3': ['陳立', 'Dr Chen Li'],
  'doctor-3-text': ['小兒科副主任醫師 · 週一、二、四、五', 'Paediatrics · Monday, Tuesday, Thursday, Friday'],
  'doctor-4': ['林國華', 'Dr Lin Guohua'],
  'doctor-4-text': ['中醫科主任醫師 · 週二、週四', 'Chinese medicine · Tuesday, Thursday'],
  booking: ['選個方便的時間', 'A time that suits you'],
  'booking-lead': ['看得到哪位醫師什麼時候有空，選好就為您保留五分鐘。改約、取消都在同一個連結裡。', 'See who is free when; the time you choose is kept for five minutes. Moving and cancelling take one link.'],
  'open-booking': ['開啟預約頁面', 'Open the booking page'],
  contact: ['有疑問，先問一問', 'Not sure? Just ask'],
  'contact-lead': ['不確定掛哪一科？藥該不該停？寫下來，由導診護理師回覆，不收費用。', 'Which department? Go on with the tablets? Write to us; a nurse answers, free of charge.'],
  hours: ['門診時間', 'Opening hours'],
  weekdays: ['週一至週五', 'Monday to Friday'],
  saturday: ['週六', 'Saturday'],
  sunday: ['週日與假日', 'Sundays and holidays'],
  'address-title': ['地址', 'Address'],
  address: ['示例市和平路 18 號，捷運 2 號線和平路站 C 出口', '18 Heping Road, Example City · Metro line 2, Heping Road, exit C'],
  phone: ['電話', 'Telephone'],
  'open-enquiry': ['開啟諮詢表', 'Open the form'],
  visit: ['第一次來？三分鐘登記好', 'First visit? Register in three minutes'],
  'visit-lead': ['在家填好，到院出示編號即可就診。填寫的內容只交給診所，不經過任何第三方。', 'Fill it in at home and show your code at the desk. What you write goes to the clinic, and to nobody else.'],
  'step-1': ['填寫身分資料，居民身分證或護照皆可', 'Who you are: resident ID or passport'],
  'step-2': ['說說哪裡不舒服，可附上先前的檢查報告', 'What troubles you, with earlier reports if you have some'],
  'step-3': ['留下聯絡方式，收到登記編號', 'How to reach you; then you get your code'],
  'open-registration': ['開啟登記表', 'Open the form'],
  invented: ['康寧診所是虛構的：本頁用來展示 CRM widgets。', 'Kangning Clinic is invented: this page shows what CRM widgets do.'],
  'to-crm': ['看看 CRM 收到了什麼', 'See what the CRM received'],
  'to-hosted': ['諮詢表的獨立頁面', 'The form on a page of its own'],
};

const written = (attribute, read) =>
  [...document.querySelectorAll(`[data-${attribute}]`)].map((element) => [element.dataset[attribute], read(element)]);
const SIMPLIFIED = { nav: '主导航', language: '语言', ...Object.fromEntries(written('t', (element) => element.textContent)) };

const text = (lang, key) => (lang === 'zh-CN' ? SIMPLIFIED[key] : TEXTS[key][lang === 'en' ? 1 : 0]);

const nearest = (tag) => {
  if (!/^zh/i.test(tag)) return 'en';
  return /hant|tw|hk|mo/i.test(tag) ? 'zh-TW' : 'zh-CN';
};

function speak(lang) {
  document.documentElement.lang = lang;
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = text(lang, element.dataset.t);
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute(element.localName.startsWith('crm-') ? 'label' : 'aria-label', text(lang, element.dataset.label));
  }
  for (const button of document.querySelectorAll('[data-lang]')) button.ariaPressed = String(button.dataset.lang === lang);
  for (const element of document.querySelectorAll('crm-contact, crm-booking')) element.lang = lang;
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

// The site the tests run on: one form a purpose, as `crm-widgets apply` reads it.

const say = (en, cn, tw, ar) => ({ en, 'zh-CN': cn, 'zh-TW': tw, ...(ar && { ar }) });

const name = {
  name: 'name', type: 'text', required: true, half: true,
  label: say('Your name', '您的姓名', '您的姓名', 'اسمك'),
  autocomplete: 'name', prefill: 'name',
};
const phone = {
  name: 'phone', type: 'phone', half: true, region: 'CN',
  label: say('Telephone', '电话', '電話', 'الهاتف'),
};
const consent = {
  name: 'privacy', type: 'consent', required: true, purpose: 'contact', version: '2026-01',
  label: say('You may use this to answer me.', '您可以使用这些信息答复我。', '您可以使用這些資訊回覆我。', 'يمكنكم استخدام هذا للرد علي.'),
};

const enquiry = {
  id: 'enquiry', version: 3,
  title: say('Ask us', '在线咨询', '線上諮詢', 'اسألنا'),
  intro: say('We answer within a day.', '我们会在一天内回复。', '我們會在一天內回覆。', 'نجيب خلال يوم.'),
  pages: [{
    fields: [
      name,
      { name: 'email', type: 'email', half: true, label: say('E-mail', '电子邮箱', '電子郵件', 'البريد الإلكتروني') },
      phone,
      {
        name: 'topic', type: 'select', half: true, label: say('About', '主题', '主題', 'الموضوع'),
        options: [
          { value: 'visit', label: say('A visit', '就诊', '就診', 'زيارة') },
          { value: 'bill', label: say('A bill', '账单', '帳單', 'فاتورة') },
          { value: 'other', label: say('Something else', '其他', '其他', 'شيء آخر') },
        ],
      },
      {
        name: 'subject', type: 'text', required: true, when: { field: 'topic', is: 'other' },
        label: say('Namely', '具体是', '具體是', 'تحديدا'),
      },
      {
        name: 'message', type: 'long-text', required: true, minLength: 3,
        label: say('Your question', '您的问题', '您的問題', 'سؤالك'),
        hint: say('No medical details, please.', '请不要填写病历信息。', '請不要填寫病歷資訊。', 'بدون تفاصيل طبية.'),
      },
      consent,
      { name: 'source', type: 'hidden', value: 'website', prefill: 'src' },
    ],
  }],
  rules: [{
    check: 'any', fields: ['email', 'phone'],
    message: say('Give an e-mail address or a telephone number.', '请填写电子邮箱或电话。', '請填寫電子郵件或電話。', 'أعط بريدا أو هاتفا.'),
  }],
};

const grades = [
  { value: 'good', label: say('Good', '好', '好') },
  { value: 'fair', label: say('Fair', '一般', '普通') },
  { value: 'poor', label: say('Poor', '差', '差') },
];

const registration = {
  id: 'registration',
  title: say('Before your visit', '就诊前登记', '就診前登記'),
  pages: [
    {
      title: say('About you', '基本信息', '基本資料'),
      fields: [
        name,
        { name: 'born', type: 'date', required: true, half: true, min: '1900-01-01', max: 'today', label: say('Date of birth', '出生日期', '出生日期'), autocomplete: 'bday' },
        { name: 'identity', type: 'resident-id', label: say('Resident ID', '身份证号', '身分證號'), hint: say('If you have one.', '如有请填写。', '如有請填寫。') },
        {
          name: 'visited', type: 'radio', required: true, label: say('Have you been here before?', '您来过吗？', '您來過嗎？'),
          options: [{ value: 'yes', label: say('Yes', '是', '是') }, { value: 'no', label: say('No', '否', '否') }],
        },
      ],
    },
    {
      title: say('Your last visit', '上次就诊', '上次就診'),
      when: { field: 'visited', is: 'yes' },
      fields: [
        { name: 'stars', type: 'rating', max: '5', required: true, label: say('How was it?', '感觉如何？', '感覺如何？') },
        { name: 'recommend', type: 'scale', label: say('Would you recommend us?', '您会推荐我们吗？', '您會推薦我們嗎？'), low: say('Never', '不会', '不會'), high: say('Surely', '一定会', '一定會') },
        {
          name: 'parts', type: 'matrix', label: say('In detail', '具体评价', '具體評價'), options: grades,
          rows: [
            { value: 'staff', label: say('Staff', '医护人员', '醫護人員') },
            { value: 'rooms', label: say('Rooms', '环境', '環境') },
          ],
        },
      ],
    },
    {
      title: say('Details', '详细信息', '詳細資料'),
      fields: [
        {
          name: 'needs', type: 'checkboxes', label: say('What do you need?', '您需要什么？', '您需要什麼？'), max: '2',
          options: [
            { value: 'wheelchair', label: say('A wheelchair', '轮椅', '輪椅') },
            { value: 'interpreter', label: say('An interpreter', '翻译', '翻譯') },
            { value: 'parking', label: say('Parking', '停车位', '停車位') },
          ],
        },
        { name: 'weight', type: 'number', half: true, min: '1', max: '400', decimals: 1, label: say('Weight in kg', '体重（千克）', '體重（公斤）') },
        { name: 'report', type: 'file', accept: ['pdf', 'png'], maxBytes: 100_000, max: '2', label: say('A report', '检查报告', '檢查報告') },
        consent,
      ],
    },
  ],
};

const callback = {
  id: 'callback', title: say('Call me back', '请回电', '請回電', 'اتصل بي'),
  pages: [{ fields: [name, { ...phone, required: true }] }],
  thanks: { title: say('We will call', '我们会致电您', '我們會致電您', 'سنتصل'), text: say('Within the hour.', '一小时内。', '一小時內。', 'خلال ساعة.') },
};

const kept = {
  id: 'kept', title: say('Kept while you write', '边写边存', '邊寫邊存'), drafts: true,
  pages: [{ fields: [name, { name: 'message', type: 'long-text', label: say('Your text', '内容', '內容') }] }],
};

const leaving = {
  id: 'leaving', title: say('Leaving', '离开', '離開'),
  pages: [{ fields: [name] }],
  thanks: { redirect: '/thank-you' },
};

const visit = {
  id: 'visit', title: say('Your visit', '就诊信息', '就診資訊', 'زيارتك'),
  pages: [{ fields: [
    name,
    { ...phone, required: true },
    { name: 'reason', type: 'long-text', maxLength: 300, label: say('Why do you come?', '就诊原因', '就診原因', 'سبب الزيارة') },
    consent,
  ] }],
};

const service = (key, department, words, practitioners, more = {}) =>
  ({ key, department, name: words, minutes: 30, window: 40, practitioners, form: 'visit', ...more });

/** What can be booked: every day, so that a test may run on any. */
const booking = {
  departments: [
    { key: 'dentistry', name: say('Dentistry', '口腔科', '牙科', 'طب الأسنان'), intro: say('Check-ups and cleaning', '检查与洁牙', '檢查與洗牙', 'فحوصات') },
    { key: 'general', name: say('General medicine', '内科', '內科', 'طب عام') },
  ],
  services: [
    service('checkup', 'dentistry', say('Dental check-up', '口腔检查', '口腔檢查', 'فحص الأسنان'), ['li', 'zhao'], {
      intro: say('A full check, with an X-ray where needed', '全口检查，必要时拍片', '全口檢查，必要時拍片', 'فحص كامل'),
      bring: say('Your insurance card', '医保卡', '健保卡', 'بطاقة التأمين'), waitlist: true,
    }),
    service('cleaning', 'dentistry', say('Dental cleaning', '洁牙', '洗牙', 'تنظيف الأسنان'), ['zhao'], { minutes: 45 }),
    service('consultation', 'general', say('Consultation', '门诊', '門診', 'استشارة'), ['chen'], { approval: true }),
    service('vaccine', 'general', say('Vaccination', '疫苗接种', '疫苗接種', 'تطعيم'), ['room'], {}),
    service('rare', 'general', say('Sleep laboratory', '睡眠监测', '睡眠監測', 'مختبر النوم'), ['nobody'], { waitlist: true }),
  ],
  practitioners: [
    { key: 'li', name: say('Dr Li Jing', '李静', '李靜', 'د. لي'), title: say('Chief physician', '主任医师', '主任醫師', 'رئيسة') },
    { key: 'zhao', name: say('Dr Zhao Ming', '赵明', '趙明', 'د. جاو'), title: say('Physician', '医师', '醫師', 'طبيب') },
    { key: 'chen', name: say('Dr Chen Li', '陈立', '陳立', 'د. تشن') },
    { key: 'room', name: say('Vaccination room', '接种室', '接種室', 'غرفة التطعيم'), seats: 6 },
    { key: 'nobody', name: say('Sleep laboratory', '睡眠室', '睡眠室', 'مختبر') },
  ],
  places: [{
    key: 'lakeside', name: say('Lakeside clinic', '湖滨院区', '湖濱院區', 'عيادة البحيرة'),
    address: say('18 Lakeside Road', '湖滨路 18 号', '湖濱路 18 號', '18 طريق البحيرة'), map: 'https://map.example.com/lakeside',
  }],
  schedules: [
    ...['li', 'zhao', 'chen'].map((who) => ({ who, place: 'lakeside', days: ['daily'], hours: [{ from: '09:00', to: '12:00' }, { from: '13:30', to: '17:00' }] })),
    { who: 'room', place: 'lakeside', days: ['tue', 'thu', 'sat'], hours: [{ from: '09:00', to: '11:30' }, { from: '18:00', to: '20:00' }] },
  ],
  holdSeconds: 120,
  reminders: [24, 2],
};

/** The definitions file. `origins` are the websites that embed; `crm` is where submissions go. */
export const site = ({ origins, crm }) => ({
  sites: [{
    key: 'clinic',
    name: say('Riverside Clinic', '河畔诊所', '河畔診所', 'عيادة النهر'),
    origins,
    timeZone: 'Asia/Shanghai',
    languages: ['en', 'zh-CN', 'zh-TW', 'ar'],
    challenge: { enabled: true, bits: 10 },
    limits: { submissionsPerMinute: 100_000 },
    forms: [enquiry, registration, callback, kept, leaving, visit],
    booking,
    connections: [{ name: 'crm', connector: 'webhook', url: crm, secrets: { signing: { env: 'CRM_SECRET' } }, allowPrivate: true, timeoutSeconds: 2 }],
  }],
});

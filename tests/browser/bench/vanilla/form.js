const form = document.querySelector('form.enquiry');
const status = form.querySelector('[role=status]');

const rules = {
  name: (value) => value.trim() !== '' || '请填写姓名。',
  phone: (value) => value === '' || /^\+?[\d\s()-]{7,20}$/.test(value) || '请填写正确的电话号码，例如 138 1234 5678。',
  email: (value) => value === '' || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) || '请填写正确的电子邮箱，例如 name@example.com。',
  question: (value) => value.trim().length >= 3 || '请填写您的问题。',
  privacy: (_, box) => box.checked || '请先同意。',
};

function check(control) {
  const verdict = rules[control.name]?.(control.value, control) ?? true;
  const error = document.getElementById(`${control.id}-error`);
  control.setAttribute('aria-invalid', String(verdict !== true));
  if (error) {
    error.textContent = verdict === true ? '' : verdict;
    error.hidden = verdict === true;
  }
  return verdict === true;
}

form.noValidate = true;
form.addEventListener('focusout', ({ target }) => target.value && check(target));
form.addEventListener('input', ({ target }) => target.getAttribute('aria-invalid') === 'true' && check(target));

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const wrong = [...form.elements].filter((control) => rules[control.name] && !check(control));
  if (wrong.length > 0) return wrong[0].focus();
  const button = form.querySelector('button');
  button.disabled = true;
  status.textContent = '正在提交……';
  try {
    const answers = Object.fromEntries(new FormData(form));
    const response = await fetch(form.action, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(answers),
    });
    if (!response.ok) throw new Error(response.status);
    status.textContent = '谢谢，我们已经收到您的咨询。';
    form.reset();
  } catch {
    status.textContent = '提交失败，请稍后再试。';
  } finally {
    button.disabled = false;
  }
});

//! One field: raw text → its answer, or what is wrong with it.

use super::applying::Applying;
use super::number::{Decimal, NumberError, digits};
use super::phone::PhoneError;
use super::resident_id::ResidentIdError;
use super::{Around, FieldError, date, email, number, pattern, phone, resident_id};
use crate::answer::Answer;
use crate::draft::{Draft, Raw};
use crate::form::{Choice, Field, Kind};
use crate::id::UploadId;

/// What is wrong with a value: the code, and what its sentence says besides the label.
struct Wrong {
    code: &'static str,
    limit: String,
}

type Checked<T> = Result<T, Wrong>;

fn wrong<T>(code: &'static str) -> Checked<T> {
    Err(Wrong { code, limit: String::new() })
}

fn beyond<T>(code: &'static str, limit: impl Into<String>) -> Checked<T> {
    Err(Wrong { code, limit: limit.into() })
}

/// The answer of a field that applies; `None` where there is none and none is needed.
pub(super) fn check(
    field: &Field,
    draft: &Draft,
    applying: &Applying<'_>,
    around: Around<'_>,
) -> Result<Option<Answer>, Vec<FieldError>> {
    let required =
        field.required || field.required_when.as_ref().is_some_and(|condition| applying.holds(condition));
    if field.kind == Kind::Matrix {
        return matrix(field, draft, required, around);
    }
    let raw = draft.get(&field.name).filter(|raw| !raw.is_blank());
    let default =
        field.value.as_deref().filter(|_| field.kind == Kind::Hidden && raw.is_none()).map(Raw::from);
    let checked = match raw.or(default.as_ref()) {
        Some(raw) => value(field, raw, around.today),
        None => Ok(None),
    };
    match checked {
        Ok(None) if required => Err(vec![field.error(&field.name, missing(field.kind), around)]),
        Ok(answer) => Ok(answer),
        Err(wrong) => Err(vec![field.error(&field.name, wrong, around)]),
    }
}

fn missing(kind: Kind) -> Wrong {
    let code = match kind {
        Kind::Select | Kind::Radio | Kind::Checkboxes | Kind::Rating | Kind::Scale | Kind::Date => "choose",
        Kind::Consent => "consent",
        Kind::File => "file",
        _ => "required",
    };
    Wrong { code, limit: String::new() }
}

fn value(field: &Field, raw: &Raw, today: &str) -> Checked<Option<Answer>> {
    let answer = match field.kind {
        Kind::Checkboxes => return checkboxes(field, raw),
        Kind::File => return files(field, raw),
        _ => one(raw)?,
    };
    let answer = match field.kind {
        Kind::Text => text(field, &line(answer), 500)?,
        Kind::LongText => text(field, &lines(answer), 5_000)?,
        Kind::Hidden => text(field, &line(answer), 2_000)?,
        Kind::Email => email::parse(answer).or_else(|_| wrong("email"))?,
        Kind::Phone => telephone(field, answer)?,
        Kind::Number => decimal(field, answer)?,
        Kind::Date => day(field, answer, today)?,
        Kind::ResidentId => resident(answer, today)?,
        Kind::Consent if answer.trim() == "yes" => return Ok(Some(Answer::Yes(true))),
        Kind::Rating => return points(answer, 1, field.stars()).map(Some),
        Kind::Scale => return points(answer, 0, 10).map(Some),
        Kind::Select | Kind::Radio => option(&field.options, answer)?,
        Kind::Consent | Kind::Matrix | Kind::Checkboxes | Kind::File => return wrong("option"),
    };
    // What was typed may have been nothing but characters that nobody sees.
    Ok(Some(answer).filter(|answer| !answer.is_empty()).map(Answer::Text))
}

fn one(raw: &Raw) -> Checked<&str> {
    match raw {
        Raw::One(text) => Ok(text),
        Raw::Many(values) => match values.as_slice() {
            [text] => Ok(text),
            _ => wrong("single"),
        },
    }
}

/// One line of text: control characters, which no keyboard types into one, become spaces.
fn line(typed: &str) -> String {
    let spaced: String = typed.chars().map(|typed| if typed.is_control() { ' ' } else { typed }).collect();
    spaced.trim().to_owned()
}

/// Lines of text, ended by a line feed each; other control characters go.
fn lines(typed: &str) -> String {
    let mut text = String::new();
    let mut rest = typed.chars();
    while let Some(typed) = rest.next() {
        match typed {
            '\r' if rest.as_str().starts_with('\n') => {}
            '\r' => text.push('\n'),
            typed if typed.is_control() && !matches!(typed, '\n' | '\t') => {}
            typed => text.push(typed),
        }
    }
    text.trim().to_owned()
}

fn text(field: &Field, text: &str, most: u32) -> Checked<String> {
    let length = text.chars().count();
    let most = field.max_length.unwrap_or(most);
    if let Some(least) = field.min_length.filter(|&least| length < least as usize && length > 0) {
        return beyond("too-short", digits(least.into()));
    }
    if length > most as usize {
        return beyond("too-long", digits(most.into()));
    }
    let pattern = field.pattern.as_ref().filter(|_| length > 0);
    match pattern.map(|expected| (pattern::parse(&expected.regex), expected)) {
        // The sentence is the definition's own.
        Some((Ok(pattern), expected)) if !pattern.matches(text) => {
            beyond("pattern", expected.message.as_str())
        }
        _ => Ok(text.to_owned()),
    }
}

fn telephone(field: &Field, typed: &str) -> Checked<String> {
    phone::parse(typed, field.region.as_deref().unwrap_or("CN")).or_else(|error| {
        wrong(match error {
            PhoneError::Shape => "phone",
            PhoneError::Extension => "phone-extension",
            PhoneError::Country => "phone-country",
        })
    })
}

fn decimal(field: &Field, typed: &str) -> Checked<String> {
    let number = number::parse(typed).or_else(|error| {
        wrong(match error {
            NumberError::Shape => "number",
            NumberError::Grouped => "number-grouped",
        })
    })?;
    match field.decimals.unwrap_or(0) {
        0 if number.decimals() > 0 => return wrong("number-whole"),
        allowed if number.decimals() > allowed => return beyond("number-decimals", digits(allowed.into())),
        _ => {}
    }
    let bound = |bound: &Option<String>| bound.as_deref().and_then(|bound| number::parse(bound).ok());
    if let Some(least) = bound(&field.min).filter(|&least| number < least) {
        return beyond("number-small", least.canonical());
    }
    if let Some(most) = bound(&field.max).filter(|&most| number > most) {
        return beyond("number-large", most.canonical());
    }
    Ok(Decimal::canonical(number))
}

fn day(field: &Field, typed: &str, today: &str) -> Checked<String> {
    let day = date::parse(typed).or_else(|_| wrong("date"))?;
    let today = date::parse(today).or_else(|_| wrong("date"))?;
    let bound = |bound: &Option<String>| bound.as_deref().and_then(|bound| date::bound(bound, today).ok());
    if let Some(first) = bound(&field.min).filter(|&first| day < first) {
        return beyond("date-early", first.iso());
    }
    if let Some(last) = bound(&field.max).filter(|&last| day > last) {
        return beyond("date-late", last.iso());
    }
    Ok(day.iso())
}

fn resident(typed: &str, today: &str) -> Checked<String> {
    let id = resident_id::parse(typed).or_else(|error| {
        wrong(match error {
            ResidentIdError::Shape => "resident-id",
            ResidentIdError::Old => "resident-id-old",
            ResidentIdError::Checksum => "resident-id-checksum",
        })
    })?;
    match date::parse(today) {
        Ok(today) if id.born() > today => wrong("resident-id"),
        _ => Ok(id.as_str().to_owned()),
    }
}

fn points(typed: &str, least: u8, most: u8) -> Checked<Answer> {
    let points =
        number::parse(typed).ok().and_then(Decimal::whole).and_then(|points| u8::try_from(points).ok());
    match points.filter(|points| (least..=most).contains(points)) {
        Some(points) => Ok(Answer::Points(points)),
        None => beyond(if least == 0 { "scale" } else { "rating" }, digits(most.into())),
    }
}

fn option(options: &[Choice], typed: &str) -> Checked<String> {
    let known = options.iter().any(|choice| choice.value == typed);
    if known { Ok(typed.to_owned()) } else { wrong("option") }
}

fn values(raw: &Raw) -> Vec<&str> {
    match raw {
        Raw::One(value) => vec![value.as_str()],
        Raw::Many(values) => values.iter().map(String::as_str).collect(),
    }
}

fn checkboxes(field: &Field, raw: &Raw) -> Checked<Option<Answer>> {
    let ticked = values(raw);
    for value in &ticked {
        option(&field.options, value)?;
    }
    let known = field.options.iter().map(|choice| choice.value.as_str());
    let chosen: Vec<String> = known.filter(|value| ticked.contains(value)).map(str::to_owned).collect();
    if let Some(least) = field.count(field.min.as_deref()).filter(|&least| chosen.len() < least) {
        return beyond("option-few", digits(least as u64));
    }
    if let Some(most) = field.count(field.max.as_deref()).filter(|&most| chosen.len() > most) {
        return beyond("option-many", digits(most as u64));
    }
    Ok(Some(Answer::Many(chosen)))
}

fn files(field: &Field, raw: &Raw) -> Checked<Option<Answer>> {
    let mut ids: Vec<String> = Vec::new();
    for value in values(raw) {
        if !UploadId::is_valid(value) {
            return wrong("file-unknown");
        }
        if !ids.iter().any(|known| known == value) {
            ids.push(value.to_owned());
        }
    }
    if let Some(least) = field.count(field.min.as_deref()).filter(|&least| ids.len() < least) {
        return beyond("file-few", digits(least as u64));
    }
    let most = field.count(field.max.as_deref()).unwrap_or(1);
    if ids.len() > most {
        return beyond("file-many", digits(most as u64));
    }
    Ok(Some(Answer::Many(ids)))
}

fn matrix(
    field: &Field,
    draft: &Draft,
    required: bool,
    around: Around<'_>,
) -> Result<Option<Answer>, Vec<FieldError>> {
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for row in &field.rows {
        let name = [&field.name, ".", &row.value].concat();
        let checked = match draft.get(&name).filter(|raw| !raw.is_blank()) {
            Some(raw) => one(raw).and_then(|typed| option(&field.options, typed)).map(Some),
            None if required => beyond("matrix-row", row.label.as_str()),
            None => Ok(None),
        };
        match checked {
            Ok(Some(value)) => rows.push((row.value.clone(), value)),
            Ok(None) => {}
            Err(wrong) => errors.push(field.error(&name, wrong, around)),
        }
    }
    if errors.is_empty() { Ok((!rows.is_empty()).then_some(Answer::Rows(rows))) } else { Err(errors) }
}

impl Field {
    /// How many stars a rating has: 2–10, 5 where nothing is said.
    pub fn stars(&self) -> u8 {
        self.max.as_deref().and_then(|max| max.parse().ok()).map_or(5, |stars: u8| stars.clamp(2, 10))
    }

    /// What a sentence calls the field: its label, cut where it is a whole sentence (as a consent's is).
    pub fn shown_name(&self) -> &str {
        let label = self.label.as_ref().map_or("", |label| label.as_str()).trim();
        let label = if label.is_empty() { self.name.as_str() } else { label };
        label.char_indices().nth(60).and_then(|(end, _)| label.get(..end)).unwrap_or(label)
    }

    fn count(&self, bound: Option<&str>) -> Option<usize> {
        bound.and_then(|bound| bound.parse().ok())
    }

    fn error(&self, at: &str, wrong: Wrong, around: Around<'_>) -> FieldError {
        let message = match wrong.code {
            "pattern" => wrong.limit,
            code => around
                .texts
                .fill(&["error.", code].concat(), &[("label", self.shown_name()), ("limit", &wrong.limit)]),
        };
        FieldError { field: at.to_owned(), code: wrong.code.to_owned(), message }
    }
}

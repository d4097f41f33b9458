//! One field of a definition.

use super::{Faults, MAX_OPTIONS, MAX_ROWS, condition, is_address};
use crate::check::{date, number, pattern};
use crate::form::{Choice, Field, Kind};

/// The file types that can be accepted.
const FILE_TYPES: [&str; 9] = ["pdf", "png", "jpg", "webp", "heic", "gif", "docx", "xlsx", "txt"];

const TYPED: &[Kind] =
    &[Kind::Text, Kind::Email, Kind::Phone, Kind::Number, Kind::Date, Kind::LongText, Kind::ResidentId];
const CHOSEN: &[Kind] = &[Kind::Select, Kind::Radio, Kind::Checkboxes, Kind::Matrix];

/// Checks a field that comes after `before`.
pub(super) fn check(field: &Field, before: &[&Field], path: &str, faults: &mut Faults) {
    name(field, path, faults);
    members(field, path, faults);
    let label = field.label.as_ref().is_some_and(|label| !label.is_blank());
    let labelled = label || field.kind == Kind::Hidden;
    faults.expect(labelled, &format!("{path}.label"), "the field has no label", "give it one");
    for (member, when) in [("when", &field.when), ("requiredWhen", &field.required_when)] {
        if let Some(when) = when {
            condition::check(when, before, &format!("{path}.{member}"), faults);
        }
    }
    match field.kind {
        Kind::Text | Kind::LongText => text(field, path, faults),
        Kind::Number => decimal(field, path, faults),
        Kind::Date => day(field, path, faults),
        Kind::Checkboxes => counts(field, field.options.len(), path, faults),
        Kind::File => file(field, path, faults),
        Kind::Rating => stars(field, path, faults),
        Kind::Consent => consent(field, before, path, faults),
        _ => {}
    }
    if CHOSEN.contains(&field.kind) {
        choices(&field.options, MAX_OPTIONS, &format!("{path}.options"), faults);
    }
    if field.kind == Kind::Matrix {
        choices(&field.rows, MAX_ROWS, &format!("{path}.rows"), faults);
    }
    attributes(field, path, faults);
}

fn name(field: &Field, path: &str, faults: &mut Faults) {
    let path = &format!("{path}.name");
    let reserved = field.name == "website" || field.name.starts_with('_');
    faults.expect(
        !reserved,
        path,
        "the name is reserved",
        "use another than \"website\", without _ at its beginning",
    );
    let fine = reserved || is_key(&field.name);
    faults.expect(
        fine,
        path,
        "not a field's name",
        "use 1 to 64 of a–z, A–Z, 0–9, _ and -, starting with a letter",
    );
}

fn is_key(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Refuses members that the field's kind does not read: they would silently do nothing.
fn members(field: &Field, path: &str, faults: &mut Faults) {
    let asked = field.kind != Kind::Hidden;
    let one_of = |kinds: &[Kind]| kinds.contains(&field.kind);
    let length = one_of(&[Kind::Text, Kind::LongText]);
    let range = one_of(&[Kind::Number, Kind::Date, Kind::Checkboxes, Kind::File]);
    let starts = one_of(TYPED) || one_of(&[Kind::Select, Kind::Radio, Kind::Hidden]);
    let ends = field.kind == Kind::Scale;
    let consent = field.kind == Kind::Consent;
    let file = field.kind == Kind::File;
    let table = [
        ("label", field.label.is_some(), true),
        ("hint", field.hint.is_some(), asked),
        ("placeholder", field.placeholder.is_some(), one_of(TYPED) || one_of(&[Kind::Select])),
        ("required", field.required, asked),
        ("requiredWhen", field.required_when.is_some(), asked),
        ("minLength", field.min_length.is_some(), length),
        ("maxLength", field.max_length.is_some(), length),
        ("min", field.min.is_some(), range),
        ("max", field.max.is_some(), range || field.kind == Kind::Rating),
        ("decimals", field.decimals.is_some(), field.kind == Kind::Number),
        ("pattern", field.pattern.is_some(), field.kind == Kind::Text),
        ("options", !field.options.is_empty(), one_of(CHOSEN)),
        ("rows", !field.rows.is_empty(), field.kind == Kind::Matrix),
        ("region", field.region.is_some(), field.kind == Kind::Phone),
        ("purpose", field.purpose.is_some(), consent),
        ("version", field.version.is_some(), consent),
        ("link", field.link.is_some(), consent),
        ("accept", !field.accept.is_empty(), file),
        ("maxBytes", field.max_bytes.is_some(), file),
        ("autocomplete", field.autocomplete.is_some(), one_of(TYPED) || one_of(&[Kind::Select])),
        ("value", field.value.is_some(), starts),
        ("prefill", field.prefill.is_some(), starts),
        ("half", field.half, asked),
        ("low", field.low.is_some(), ends),
        ("high", field.high.is_some(), ends),
    ];
    for (member, present, read) in table {
        let path = format!("{path}.{member}");
        faults.expect(
            !present || read,
            &path,
            "fields of this type don't read it",
            "remove it or change the type",
        );
    }
}

fn text(field: &Field, path: &str, faults: &mut Faults) {
    let greatest = if field.kind == Kind::Text { 2_000 } else { 20_000 };
    let most = field.max_length.unwrap_or(if field.kind == Kind::Text { 500 } else { 5_000 });
    let fix = "use 1 to 2000 (text) or 20000 (long-text)";
    faults.expect(
        (1..=greatest).contains(&most),
        &format!("{path}.maxLength"),
        "the length is out of range",
        fix,
    );
    let ordered = field.min_length.is_none_or(|least| least <= most);
    faults.expect(ordered, &format!("{path}.minLength"), "greater than the greatest length", "lower it");
    let Some(pattern) = &field.pattern else { return };
    if let Err(error) = pattern::parse(&pattern.regex) {
        let message = ["the pattern does not compile: ", error.explain()].concat();
        faults.add(&format!("{path}.pattern.regex"), &message, "correct it");
    }
    let said = !pattern.message.is_blank();
    faults.expect(
        said,
        &format!("{path}.pattern.message"),
        "there is no sentence",
        "say what the visitor should type",
    );
}

fn decimal(field: &Field, path: &str, faults: &mut Faults) {
    let fine = field.decimals.is_none_or(|decimals| decimals <= 6);
    faults.expect(fine, &format!("{path}.decimals"), "too many decimals", "use 0 to 6");
    range(field, path, faults, "write a number such as \"0\" or \"2.5\"", |bound| number::parse(bound).ok());
}

fn day(field: &Field, path: &str, faults: &mut Faults) {
    let fix = "write a day such as \"1900-01-01\", or \"today\", \"today-18y\", \"today+30d\"";
    let Ok(today) = date::parse("2026-01-01") else { return };
    // A day and a distance from today are not compared: their order changes with the calendar.
    let relative = |bound: &Option<String>| bound.as_deref().map(|bound| bound.starts_with("today"));
    if relative(&field.min) == relative(&field.max) {
        range(field, path, faults, fix, |bound| date::bound(bound, today).ok());
        return;
    }
    for (member, bound) in [("min", &field.min), ("max", &field.max)] {
        let fine = bound.as_deref().is_none_or(|bound| date::bound(bound, today).is_ok());
        faults.expect(fine, &format!("{path}.{member}"), "the bound cannot be read", fix);
    }
}

fn counts(field: &Field, most: usize, path: &str, faults: &mut Faults) {
    let fix = "write how many as a whole number, from 1 to as many as there can be";
    range(field, path, faults, fix, |bound| bound.parse().ok().filter(|count| (1..=most).contains(count)));
}

fn range<T: PartialOrd>(
    field: &Field,
    path: &str,
    faults: &mut Faults,
    fix: &str,
    read: impl Fn(&str) -> Option<T>,
) {
    let mut bound = |member: &str, bound: &Option<String>| {
        let value = bound.as_deref().and_then(&read);
        let fine = bound.is_none() || value.is_some();
        faults.expect(fine, &format!("{path}.{member}"), "the bound cannot be read", fix);
        value
    };
    let (least, most) = (bound("min", &field.min), bound("max", &field.max));
    let ordered = least.zip(most).is_none_or(|(least, most)| least <= most);
    faults.expect(ordered, &format!("{path}.min"), "min is greater than max", "lower it");
}

fn file(field: &Field, path: &str, faults: &mut Faults) {
    counts(field, 10, path, faults);
    let most = field.max.as_deref().and_then(|max| max.parse().ok()).unwrap_or(1);
    let ordered =
        field.min.as_deref().and_then(|min| min.parse::<usize>().ok()).is_none_or(|least| least <= most);
    faults.expect(
        ordered,
        &format!("{path}.max"),
        "fewer files allowed than needed",
        "raise max (1 where it is missing)",
    );
    let known = field.accept.iter().all(|accepted| FILE_TYPES.contains(&accepted.as_str()));
    let fix = "use pdf, png, jpg, webp, heic, gif, docx, xlsx or txt";
    faults.expect(known, &format!("{path}.accept"), "a file type is unknown", fix);
    let size = field.max_bytes.is_none_or(|bytes| (1_024..=10_485_760).contains(&bytes));
    faults.expect(
        size,
        &format!("{path}.maxBytes"),
        "the size is out of range",
        "use 1024 to 10485760 (10 MiB)",
    );
}

fn stars(field: &Field, path: &str, faults: &mut Faults) {
    let stars = field.max.as_deref().map(str::parse);
    let fine = stars.is_none_or(|stars: Result<u8, _>| stars.is_ok_and(|stars| (2..=10).contains(&stars)));
    faults.expect(fine, &format!("{path}.max"), "a rating has 2 to 10 stars", "write \"5\"");
}

fn consent(field: &Field, before: &[&Field], path: &str, faults: &mut Faults) {
    let purpose = field.purpose.as_deref().is_some_and(is_key);
    let fix = "name what is agreed to, such as \"privacy\"";
    faults.expect(purpose, &format!("{path}.purpose"), "the consent has no purpose", fix);
    let twice =
        before.iter().any(|earlier| earlier.kind == Kind::Consent && earlier.purpose == field.purpose);
    faults.expect(
        !twice,
        &format!("{path}.purpose"),
        "another consent has this purpose",
        "ask once for each purpose",
    );
    let version = field.version.as_deref().is_some_and(|version| is_plain(version, 64));
    faults.expect(
        version,
        &format!("{path}.version"),
        "the sentence has no version",
        "write one, such as \"2026-01\"",
    );
    let link = field.link.as_deref().is_none_or(is_address);
    faults.expect(
        link,
        &format!("{path}.link"),
        "not an address",
        "use https://… or a path such as /privacy",
    );
}

fn choices(choices: &[Choice], most: usize, path: &str, faults: &mut Faults) {
    let count = (1..=most).contains(&choices.len());
    faults.expect(count, path, "there are none, or too many", &format!("list 1 to {most}"));
    for (at, choice) in choices.iter().enumerate() {
        let path = format!("{path}[{at}]");
        faults.expect(
            is_plain(&choice.value, 100),
            &path,
            "not a value",
            "use 1 to 100 characters without spaces at the ends",
        );
        let twice = choices.iter().take(at).any(|earlier| earlier.value == choice.value);
        faults.expect(!twice, &path, "the value is there already", "give each its own value");
        faults.expect(!choice.label.is_blank(), &path, "there is no label", "give it one");
    }
}

fn is_plain(value: &str, most: usize) -> bool {
    (1..=most).contains(&value.chars().count()) && value.trim() == value && !value.contains(char::is_control)
}

fn attributes(field: &Field, path: &str, faults: &mut Faults) {
    let region = field
        .region
        .as_deref()
        .is_none_or(|region| region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase()));
    faults.expect(
        region,
        &format!("{path}.region"),
        "not a country's code",
        "use ISO 3166-1, such as CN, HK, MO, TW",
    );
    let tokens =
        |token: char| token.is_ascii_lowercase() || token.is_ascii_digit() || matches!(token, '-' | ' ');
    let autocomplete =
        field.autocomplete.as_deref().is_none_or(|value| is_plain(value, 60) && value.chars().all(tokens));
    faults.expect(
        autocomplete,
        &format!("{path}.autocomplete"),
        "not a value for autofill",
        "use one of HTML's, such as name",
    );
    let parameter = |value: &str| {
        is_plain(value, 64) && value.chars().all(|part| part.is_ascii_alphanumeric() || "_-.".contains(part))
    };
    let prefill = field.prefill.as_deref().is_none_or(parameter);
    faults.expect(
        prefill,
        &format!("{path}.prefill"),
        "not a parameter's name",
        "use 1 to 64 letters, digits, _, - and .",
    );
    let Some(value) = &field.value else { return };
    let chosen = matches!(field.kind, Kind::Select | Kind::Radio);
    let fine = value.chars().count() <= 2_000
        && (!chosen || field.options.iter().any(|choice| &choice.value == value));
    faults.expect(
        fine,
        &format!("{path}.value"),
        "the field cannot start with this",
        "use an option's value, or a shorter text",
    );
}

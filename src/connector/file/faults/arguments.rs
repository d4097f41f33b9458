//! Whether a filter can take the arguments that are written: it is tried on a sample of what it is for.

use std::collections::BTreeMap;

use minijinja::Value;
use minijinja::machinery::ast::{CallArg, Filter};
use minijinja::value::Kwargs;

use crate::connector::template;

/// Where a value stands.
#[derive(Clone, Copy)]
enum Place<'a> {
    Value,
    At(usize),
    Named(&'a str),
}

/// What is wrong with the arguments, and what to write instead. Of what is not written out, a sample is taken.
pub(super) fn mistake(filter: &Filter<'_>) -> Option<(String, String)> {
    let sample = |place| sample(filter.name, place);
    let mut values =
        vec![filter.expr.as_ref().and_then(|value| value.as_const()).or_else(|| sample(Place::Value))?];
    let mut named = Vec::new();
    for (at, argument) in filter.args.iter().enumerate() {
        match argument {
            CallArg::Pos(value) => values.push(value.as_const().or_else(|| sample(Place::At(at)))?),
            CallArg::Kwarg(name, value) => {
                named.push((*name, value.as_const().or_else(|| sample(Place::Named(name)))?));
            }
            CallArg::PosSplat(_) | CallArg::KwargSplat(_) => return None,
        }
    }
    if !named.is_empty() {
        values.push(Kwargs::from_iter(named).into());
    }
    let error = template::filtered(filter.name, &values).err()?;
    Some(match error.split_once(" wants ") {
        Some((_, wanted)) => {
            (format!("`{}` cannot take what is written here", filter.name), format!("write {wanted}"))
        }
        None => (error, "compare it with its row in WRITING.md".to_owned()),
    })
}

/// Something that a filter takes there; none for filters that take anything.
fn sample(filter: &str, place: Place<'_>) -> Option<Value> {
    let instant = "2026-11-23T02:05:09Z";
    Some(match (filter, place) {
        ("time" | "duration" | "plus", Place::Value) | ("duration", Place::At(0)) => instant.into(),
        ("time", Place::At(0)) => "iso".into(),
        ("time", Place::At(1) | Place::Named("zone")) => "UTC".into(),
        ("duration", Place::At(1)) => "minutes".into(),
        ("plus" | "truncate", Place::At(0)) => 1.into(),
        ("pick", Place::At(0)) => Value::from(BTreeMap::<String, Value>::new()),
        ("uuid5", Place::At(0) | Place::Named("namespace")) => "url".into(),
        ("hmac", Place::At(1) | Place::Named("hash")) => "sha256".into(),
        ("hmac", Place::Named("encoding")) => "hex".into(),
        (text, _) if template::TEXT_FILTERS.contains(&text) => "a".into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::uses::{What, of_text};

    /// What is said of the arguments in a template.
    fn said(template: &str) -> Option<String> {
        let uses = of_text(template).expect(template).into_iter();
        uses.map(|used| used.what).find_map(|what| match what {
            What::Arguments(what, fix) => Some(format!("{what}; {fix}")),
            _ => None,
        })
    }

    #[test]
    fn arguments_that_a_filter_cannot_take_are_found_before_it_has_a_value() {
        for (template, mistake) in [
            (
                "{{ at | time('short') }}",
                "`time` cannot take what is written here; write iso, iso_ms, offset",
            ),
            ("{{ at | time('sql', zone='Peking') }}", "write an IANA time zone"),
            ("{{ a | duration(b, 'days') }}", "write one of the units"),
            ("{{ a | plus('x') }}", "`plus`: "),
            ("{{ a | truncate }}", "`truncate`: missing argument"),
            ("{{ a | capture('(') }}", "write a regular expression"),
            ("{{ a | hmac(key, 'md5') }}", "write sha256, sha512 or sha1"),
            ("{{ a | uuid5('me') }}", "write dns, url, oid or a UUID"),
            ("{{ 'tomorrow' | time('iso') }}", "write an instant such as"),
            ("{{ [1] | urlencode }}", "write text, not a list"),
        ] {
            assert!(
                said(template).is_some_and(|said| said.contains(mistake)),
                "{template}: {:?}",
                said(template)
            );
        }
        for good in [
            "{{ at | time('%d.%m.%Y', zone=site.timeZone) }}",
            "{{ at | time(input.format) }}",
            "{{ a | duration(b, input.unit) }}",
            "{{ a | hmac(secret.key, encoding='base64') | base64 }}",
            "{{ a | pick({'a': b}, c) | replace(d, 'e') }}",
            "{{ a | capture('ID: ([0-9]+)') | truncate(n) | default('x') }}",
            "{{ list | map('truncate', 3) | join(', ') | split(',') | sort | round(2) }}",
        ] {
            assert_eq!(said(good), None, "{good}");
        }
    }
}
